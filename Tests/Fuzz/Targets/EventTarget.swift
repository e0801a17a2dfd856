import Matrix
import RoomRules

/// The event parser, for every room version: what it takes keeps the limits, has a client's form and a redacted one, hashes and
/// signs as the tree of its values says, and survives the way to another component.
public final class EventTarget: FuzzTarget {
    public let seeds: [[UInt8]]
    private let rooms: [RoomVersion: SeedRoom]
    private let mutations: Mutations

    public init() throws {
        seeds = try Seeds.events().map { $0.bytes + [UInt8($0.version.string) ?? 0] }
        rooms = Dictionary(uniqueKeysWithValues: try RoomVersion.allCases.map { ($0, try SeedRoom(version: $0)) })
        var mutations = Mutations()
        mutations.json?.words = Self.words.map { Array($0.utf8) }
        self.mutations = mutations
    }

    private static let words = [
        "\"m.room.create\"", "\"m.room.member\"", "\"m.room.power_levels\"", "\"m.room.join_rules\"", "\"m.room.redaction\"",
        "\"m.room.aliases\"", "\"m.room.third_party_invite\"", "\"join\"", "\"invite\"", "\"leave\"", "\"ban\"", "\"knock\"", "\"public\"",
        "\"restricted\"", "\"@a:b\"", "\"@e:f\"", "[]", "[[]]", "[[\"$a:b\",{}]]", "[\"$a\"]", "{\"users\":{\"@a:b\":\"100\"}}", "\"1e2\"", "\" 5 \"",
        "\"+5\"", "1e300", "-9223372036854775808", "{\"membership\":\"join\"}", "{\"signed\":{}}",
    ]

    /// The last byte is the room version.
    public func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8] {
        let version = random.oneIn(4) ? UInt8(1 + random.below(12)) : input.last ?? 12
        return mutations.mutated(input.dropLast(), with: other.dropLast(), using: &random) + [version]
    }

    public func take(_ input: [UInt8]) throws -> Kind {
        guard let last = input.last, let version = RoomVersion("\(last)") else { return Kind(0) }
        let event: Event
        do {
            event = try Event(parsing: Array(input.dropLast()), version: version)
        } catch let error as MatrixError {
            var kind = Kind(1, version.rules.requiresCanonicalJSON ? 1 : 0, version.rules.eventsCarryIDs ? 1 : 0)
            kind.add(error.errcode)
            kind.add(error.error)
            return kind
        }
        try checkLimits(event)
        try checkForms(event)
        try checkRedaction(event)
        try checkSignedPart(event)
        return try authorization(of: event)
    }

    private func checkLimits(_ event: Event) throws {
        for text in [event.type, event.sender, event.roomID, event.eventID, event.stateKey ?? ""] {
            try require(text.utf8.count <= EventLimits.field, "a field of \(text.utf8.count) bytes")
        }
        try require(UserID(event.sender) != nil && RoomID(event.roomID) != nil, "sender or room is none")
    }

    private func checkForms(_ event: Event) throws {
        for json in [event.clientJSON(unsigned: ["age": 5]), event.clientJSON(includeRoomID: false), event.strippedJSON()] {
            let object = try JSON(parsing: json.bytes).object ?? [:]
            try require(object["type"]?.string == event.type && object["sender"]?.string == event.sender, "a client's form: \(json)")
            try require(object["content"]?.object != nil, "a client's form without content: \(json)")
            try require(object["unsigned"] == nil || object["unsigned"] == ["age": 5], "the sender's unsigned is passed on: \(json)")
        }
        let content = try JSON(parsing: event.contentJSON.bytes).object
        try require(content == event.content, "contentJSON is another content")
        let carried = try JSONCoder.decode(Event.self, from: JSONCoder.encode(event))
        // But for blanks around it.
        try require(carried.object == event.object && carried.eventID == event.eventID, "carried to another component it is another event")
        try require(carried.content == event.content && carried.roomID == event.roomID, "carried it is read otherwise")
    }

    private func checkRedaction(_ event: Event) throws {
        let redacted = try event.redacted()
        try require(try redacted.redacted().bytes == redacted.bytes, "redacted twice it is another event")
        try require(redacted.referenceHash == event.referenceHash, "redacted it has another hash")
        try require(redacted.type == event.type && redacted.stateKey == event.stateKey, "redacted it is of another type")
        if !event.version.rules.eventsCarryIDs {
            try require(try Event(parsing: redacted.bytes, version: event.version).eventID == event.eventID, "redacted it has another ID")
        }
        _ = try ContentHash.checked(event)
    }

    /// The text that is signed is the same from notes on the text and from the tree of values.
    private func checkSignedPart(_ event: Event) throws {
        let document = try JSONDocument(reading: event.bytes)
        let signed = EventHash.signed(document, type: event.type, version: event.version)
        let tree = event.object.signedPart(type: event.type, version: event.version).serialized()
        try require(signed == tree, "signed are \(String(decoding: signed, as: UTF8.self)), the tree says \(String(decoding: tree, as: UTF8.self))")
        guard event.bytes.fingerprint & 31 == 0, let key = SeedRoom.key else { return }
        let again = try event.signed(with: key, as: "b")
        guard event.requiredSigners == ["b"] else { return }
        try again.checkSignatures { $0 == "b" ? [key.verifyKey] : [] }
    }

    private func authorization(of event: Event) throws -> Kind {
        guard let room = rooms[event.version] else { return Kind(2) }
        var kind = Kind(3, event.version.rules.eventsCarryIDs ? 1 : 0)
        kind.add(event.type)
        kind.add(sizeOf: event.bytes.count)
        _ = authEventKeys(for: event)
        _ = event.requiredSigners
        for state in [{ room.state[StateKey($0, $1)] }, { event.isState($0, $1) ? event : room.state[StateKey($0, $1)] }] as [StateLookup] {
            do {
                try authorize(event, against: state)
                kind.add(1)
            } catch let error as MatrixError {
                try require(error.errcode == "M_FORBIDDEN", "authorization ends with \(error)")
                kind.add(error.error)
            }
        }
        // What it would allow, were it in force.
        if event.isState("m.room.power_levels") {
            let levels = PowerLevels(event, create: room.state[StateKey("m.room.create")], version: event.version)
            _ = [levels.level(of: "@a:b"), levels.required(for: "m.room.name", isState: true), levels.ban, levels.required(toNotify: "room")]
            for other in room.events where other.type != "m.room.create" {
                let lookup: StateLookup = { event.isState($0, $1) ? event : room.state[StateKey($0, $1)] }
                do { try authorize(other, against: lookup) } catch is MatrixError {}
            }
        }
        return kind
    }
}
