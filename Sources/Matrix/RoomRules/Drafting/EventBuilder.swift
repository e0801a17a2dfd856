import Crypto
import Matrix

/// An event in the making: everything but its hashes, its signature and its ID.
public struct EventBuilder: Sendable {
    public var type: String
    public var stateKey: String?
    public var sender: String
    /// Nil for a create event whose hash will be the room ID.
    public var roomID: String?
    public var content: JSONObject
    /// Put at the top or into the content, as the room version wants.
    public var redacts: String?
    public var prevEvents: [String]
    public var authEvents: [String]
    public var depth: Int64
    public var originServerTS: Int64
    /// Room versions 1 and 2 point to events by ID and reference hash (unpadded base64): those that are known, by event ID.
    public var referenceHashes: [String: String]
    /// Neither hashed nor signed.
    public var unsigned: JSONObject

    public init(
        type: String, stateKey: String? = nil, sender: String, roomID: String?, content: JSONObject = [:], redacts: String? = nil,
        prevEvents: [String] = [], authEvents: [String] = [], depth: Int64, originServerTS: Int64,
        referenceHashes: [String: String] = [:], unsigned: JSONObject = [:]
    ) {
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.roomID = roomID
        self.content = content
        self.redacts = redacts
        self.prevEvents = prevEvents
        self.authEvents = authEvents
        self.depth = depth
        self.originServerTS = originServerTS
        self.referenceHashes = referenceHashes
        self.unsigned = unsigned
    }

    /// Hashes, signs and names the event. Refuses what the room version or the limits do not allow.
    /// [Adding hashes and signatures](https://spec.matrix.org/v1.19/server-server-api/#adding-hashes-and-signatures-to-outgoing-events)
    public func build(version: RoomVersion, signing key: SigningKey, serverName: String) throws -> Event {
        var object = try members(version: version)
        var eventID: String?
        if version.rules.eventsCarryIDs {
            // As good as random, and the same draft at the same place in the room is the same event.
            let hash = SHA256.hash(data: object.serialized())
            let id = "$\(Base64.encode(Array(hash), .urlSafe)):\(serverName)"
            object["event_id"] = .string(id)
            eventID = id
        }
        object["hashes"] = ["sha256": .string(Base64.encode(ContentHash.of(object)))]
        let signed = object.signedPart(type: type, version: version).serialized()
        object["signatures"] = [serverName: [key.id: .string(key.signature(of: signed))]]
        if !unsigned.isEmpty { object["unsigned"] = .object(unsigned) }
        // What is signed is also what the reference hash is made of.
        let id = eventID ?? EventHash.eventID(hash: Array(SHA256.hash(data: signed)), version: version)
        return try Event(parsing: object.serialized(), version: version, eventID: id)
    }

    private func members(version: RoomVersion) throws -> JSONObject {
        let rules = version.rules
        var content = content
        var members: [(String, JSON)] = [
            ("type", .string(type)), ("sender", .string(sender)), ("depth", .integer(depth)),
            ("origin_server_ts", .integer(originServerTS)),
            ("prev_events", references(prevEvents, rules)), ("auth_events", references(authEvents, rules)),
        ]
        if let stateKey { members.append(("state_key", .string(stateKey))) }
        if let redacts {
            if rules.redactsInContent {
                content["redacts"] = .string(redacts)
            } else {
                members.append(("redacts", .string(redacts)))
            }
        }
        members.append(("content", .object(content)))
        let isRoomsOwnHash = rules.roomIDIsCreateHash && type == "m.room.create"
        switch roomID {
        case let roomID? where !isRoomsOwnHash: members.append(("room_id", .string(roomID)))
        case nil where isRoomsOwnHash: break
        case nil: throw MatrixError.badJSON("Missing room_id")
        default: throw MatrixError.badJSON("In room version \(version) a create event has no room_id")
        }
        return JSONObject(members)
    }

    private func references(_ ids: [String], _ rules: RoomVersionRules) -> JSON {
        guard rules.eventsCarryIDs else { return .array(ids.map { .string($0) }) }
        return .array(
            ids.map { id in [.string(id), .object(referenceHashes[id].map { ["sha256": .string($0)] } ?? [:])] }
        )
    }
}
