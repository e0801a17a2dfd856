/// One event of a room, in its room version's federation format (a PDU): an immutable value over the bytes it arrived as.
/// What is hashed and signed is never encoded anew; the known fields are read once.
/// [Event format](https://spec.matrix.org/v1.19/server-server-api/#room-event-format), and each room version's page.
public struct Event: Sendable {
    let fields: EventFields

    /// Reads an event and checks its format and its limits. `eventID`, when it is already known, saves the hashing.
    /// Signatures, hashes and authorization are not checked here.
    public init(parsing bytes: [UInt8], version: RoomVersion, eventID: String? = nil) throws {
        fields = try EventFields(parsing: bytes, version: version, knownID: eventID)
    }

    public var bytes: [UInt8] { fields.bytes }
    public var version: RoomVersion { fields.version }
    public var eventID: String { fields.eventID }
    public var roomID: String { fields.roomID }
    public var type: String { fields.type }
    public var sender: String { fields.sender }
    public var stateKey: String? { fields.stateKey }
    public var content: JSONObject { fields.content }
    public var originServerTS: Int64 { fields.originServerTS }
    public var depth: Int64 { fields.depth }
    public var prevEvents: [String] { fields.prevEvents }
    public var authEvents: [String] { fields.authEvents }
    /// The event that this redaction redacts, wherever the room version puts it.
    public var redacts: String? { fields.redacts }
    public var unsigned: JSONObject { fields.unsigned }

    /// Whether the event itself says its room. From room version 12 on a create event must not.
    public var statesRoomID: Bool { fields.statesRoomID }

    public var isState: Bool { stateKey != nil }

    /// Of an `m.room.member` state event: its `membership`.
    public var membership: String? { type == "m.room.member" ? content["membership"]?.string : nil }

    /// The sender's server.
    public var senderServer: String { UserID(sender)?.server ?? "" }

    /// The whole event, read anew.
    public var object: JSONObject { (try? JSON(parsing: bytes))?.object ?? [:] }

    /// Whether `type` and `state_key` are these.
    public func isState(_ type: String, _ stateKey: String = "") -> Bool {
        self.stateKey.map { $0.hasSameBytes(as: stateKey) } ?? false && self.type.hasSameBytes(as: type)
    }
}

extension Event: Hashable {
    public static func == (left: Event, right: Event) -> Bool {
        left.fields === right.fields || left.eventID == right.eventID && left.bytes == right.bytes
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(eventID) }
}

/// Coded as its bytes with what is needed to read them: `JSONCoder` carries them verbatim.
extension Event: Codable {
    private enum CodingKeys: String, CodingKey {
        case version = "room_version"
        case eventID = "event_id"
        case pdu
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            parsing: container.decode(RawJSON.self, forKey: .pdu).bytes,
            version: container.decode(RoomVersion.self, forKey: .version),
            eventID: container.decode(String.self, forKey: .eventID)
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(eventID, forKey: .eventID)
        try container.encode(RawJSON(trusted: bytes), forKey: .pdu)
    }
}

extension Event: CustomStringConvertible {
    public var description: String { "\(eventID) \(type)\(stateKey.map { " (\($0))" } ?? "") by \(sender)" }
}
