/// What is read of an event, shared by its copies.
final class EventFields: Sendable {
    let bytes: [UInt8]
    let version: RoomVersion
    let eventID: String
    let roomID: String
    let statesRoomID: Bool
    let type: String
    let sender: String
    let stateKey: String?
    let content: JSONObject
    /// Where the content stands in `bytes`.
    let contentRange: Range<Int>
    let originServerTS: Int64
    let depth: Int64
    let prevEvents: [String]
    let authEvents: [String]
    let redacts: String?
    let unsigned: JSONObject

    init(parsing bytes: [UInt8], version: RoomVersion, knownID: String?) throws {
        let rules = version.rules
        let document: JSONDocument
        do {
            document = try JSONDocument(reading: bytes, rules.requiresCanonicalJSON ? .canonical : .lenient)
        } catch {
            throw error.asMatrixError
        }
        let found = try document.view { try EventMembers($0, rules) }
        self.bytes = bytes
        self.version = version
        type = found.type
        sender = found.sender
        stateKey = found.stateKey
        content = found.content
        contentRange = found.contentRange
        originServerTS = found.originServerTS
        depth = found.depth
        prevEvents = found.prevEvents
        authEvents = found.authEvents
        unsigned = found.unsigned
        redacts = (rules.redactsInContent ? found.content["redacts"]?.string : found.redacts)
            .flatMap { EventLimits.isName($0) ? $0 : nil }

        if let knownID {
            eventID = knownID
        } else if rules.eventsCarryIDs {
            guard let stated = found.eventID else { throw MatrixError.badJSON("Missing event_id") }
            guard EventID(stated)?.server != nil else { throw MatrixError.badJSON("event_id is not an event ID") }
            eventID = stated
        } else {
            let hash = EventHash.reference(of: document, type: found.type, version: version)
            eventID = EventHash.eventID(hash: hash, version: version)
        }
        statesRoomID = found.roomID != nil
        if let roomID = found.roomID {
            self.roomID = roomID
        } else if rules.roomIDIsCreateHash, found.type == "m.room.create" {
            roomID = "!" + eventID.dropFirst()
        } else {
            throw MatrixError.badJSON("Missing room_id")
        }
        try EventLimits.check(self, document)
    }
}

/// The members of an event as they are looked through.
private struct EventMembers {
    var eventID: String?
    var roomID: String?
    var type = ""
    var sender = ""
    var stateKey: String?
    var content: JSONObject = [:]
    var contentRange = 0..<0
    var originServerTS: Int64 = 0
    var depth: Int64 = 0
    var prevEvents: [String] = []
    var authEvents: [String] = []
    var redacts: String?
    var unsigned: JSONObject = [:]

    init(_ view: JSONView, _ rules: RoomVersionRules) throws {
        guard view.kind(0) == .object else { throw MatrixError.badJSON("An event is an object") }
        var missing: Set<Field> = [.type, .sender, .content, .originServerTS, .depth, .prevEvents, .authEvents]
        try view.forEachMember(of: 0) { key, value in
            guard let field = Field(view, key) else { return }
            missing.remove(field)
            switch field {
            case .eventID: if rules.eventsCarryIDs { eventID = try view.text(of: value, field) }
            case .roomID: roomID = try view.text(of: value, field)
            case .type: type = try view.text(of: value, field)
            case .sender: sender = try view.text(of: value, field)
            case .stateKey: stateKey = try view.text(of: value, field)
            case .redacts: redacts = view.stringIfString(value)
            case .originServerTS: originServerTS = try view.integer(of: value, field)
            case .depth: depth = try view.integer(of: value, field)
            case .prevEvents: prevEvents = try view.references(of: value, field, pairs: rules.eventsCarryIDs)
            case .authEvents: authEvents = try view.references(of: value, field, pairs: rules.eventsCarryIDs)
            case .content:
                guard view.kind(value) == .object else { throw MatrixError.badJSON("content is not an object") }
                content = view.object(value)
                contentRange = view.range(of: value)
            case .unsigned: if view.kind(value) == .object { unsigned = view.object(value) }
            }
        }
        if let field = missing.min(by: { $0.rawValue < $1.rawValue }) { throw MatrixError.badJSON("Missing \(field.rawValue)") }
    }
}

private enum Field: String {
    case eventID = "event_id"
    case roomID = "room_id"
    case type, sender
    case stateKey = "state_key"
    case content, redacts, depth, unsigned
    case originServerTS = "origin_server_ts"
    case prevEvents = "prev_events"
    case authEvents = "auth_events"

    init?(_ view: JSONView, _ key: Int) {
        if view.key(key, is: "type") {
            self = .type
        } else if view.key(key, is: "content") {
            self = .content
        } else if view.key(key, is: "sender") {
            self = .sender
        } else if view.key(key, is: "room_id") {
            self = .roomID
        } else if view.key(key, is: "event_id") {
            self = .eventID
        } else if view.key(key, is: "state_key") {
            self = .stateKey
        } else if view.key(key, is: "depth") {
            self = .depth
        } else if view.key(key, is: "origin_server_ts") {
            self = .originServerTS
        } else if view.key(key, is: "prev_events") {
            self = .prevEvents
        } else if view.key(key, is: "auth_events") {
            self = .authEvents
        } else if view.key(key, is: "redacts") {
            self = .redacts
        } else if view.key(key, is: "unsigned") {
            self = .unsigned
        } else {
            return nil
        }
    }
}

extension JSONView {
    fileprivate func text(of index: Int, _ field: Field) throws -> String {
        guard let text = stringIfString(index) else { throw MatrixError.badJSON("\(field.rawValue) is not a string") }
        return text
    }

    fileprivate func integer(of index: Int, _ field: Field) throws -> Int64 {
        if let integer = integer(index) { return integer }
        // Room versions 1 to 5 let doubles pass.
        if let integer = double(index).flatMap({ Int64(exactly: $0.rounded(.towardZero)) }) { return integer }
        throw MatrixError.badJSON("\(field.rawValue) is not an integer")
    }

    /// The IDs in `prev_events` or `auth_events`: plain, or each in a pair with its hashes.
    fileprivate func references(of index: Int, _ field: Field, pairs: Bool) throws -> [String] {
        guard kind(index) == .array else { throw MatrixError.badJSON("\(field.rawValue) is not an array") }
        var references: [String] = []
        try forEachElement(of: index) { element in
            var reference: Int? = element
            if pairs { reference = kind(element) == .array && nodes[element].next > element + 1 ? element + 1 : nil }
            guard let reference, let id = stringIfString(reference) else {
                throw MatrixError.badJSON("\(field.rawValue) has an element that is no reference to an event")
            }
            references.append(id)
        }
        return references
    }
}
