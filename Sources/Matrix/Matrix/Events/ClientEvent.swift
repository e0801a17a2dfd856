/// An event in the client-server format but for what differs from reader to reader: made from the PDU's own bytes, with
/// as little of it read as need be, and completed by appending.
/// [Client event format](https://spec.matrix.org/v1.19/client-server-api/#room-event-format)
public struct ClientEvent: Sendable {
    /// The object without `room_id`, `unsigned` and the brace that closes it.
    let opening: [UInt8]
    public let originServerTS: Int64

    /// `bytes` are those of an event that was checked when it came; it differs from ``Event/clientJSON`` only in how keys are
    /// ordered and strings spelled.
    public init(pdu bytes: [UInt8], version: RoomVersion, eventID: String) throws {
        let document: JSONDocument
        do { document = try JSONDocument(reading: bytes) } catch { throw error.asMatrixError }
        let parts = document.view { ClientParts($0) }
        if parts.isRedaction {
            self.init(try Event(parsing: bytes, version: version, eventID: eventID))
            return
        }
        guard let content = parts.content, let sender = parts.sender, let type = parts.type, let timestamp = parts.timestamp else {
            throw MatrixError.badJSON("Not an event")
        }
        var writer = JSONWriter(capacity: content.count + sender.count + type.count + (parts.stateKey?.count ?? 0) + 160)
        writer.literal("{\"content\":")
        writer.bytes.append(contentsOf: bytes[content])
        writer.literal(",\"event_id\":")
        writer.string(eventID)
        writer.literal(",\"origin_server_ts\":")
        writer.integer(timestamp)
        writer.literal(",\"sender\":")
        writer.bytes.append(contentsOf: bytes[sender])
        if let stateKey = parts.stateKey {
            writer.literal(",\"state_key\":")
            writer.bytes.append(contentsOf: bytes[stateKey])
        }
        writer.literal(",\"type\":")
        writer.bytes.append(contentsOf: bytes[type])
        self.init(opening: writer.bytes, originServerTS: timestamp)
    }

    private init(opening: [UInt8], originServerTS: Int64) {
        self.opening = opening
        self.originServerTS = originServerTS
    }

    public init(_ event: Event) {
        let opening = Array(event.clientJSON(includeRoomID: false).bytes.dropLast())
        self.init(opening: opening, originServerTS: event.originServerTS)
    }

    /// The whole object, with what `unsigned` says beside the age: members written by `write`, each led by a comma.
    package func append(
        to writer: inout JSONWriter, roomID: String? = nil, now: Int64, unsigned write: (inout JSONWriter) -> Void = { _ in }
    ) {
        writer.bytes.append(contentsOf: opening)
        if let roomID {
            writer.literal(",\"room_id\":")
            writer.string(roomID)
        }
        writer.literal(",\"unsigned\":{\"age\":")
        writer.integer(max(0, now.subtractingReportingOverflow(originServerTS).partialValue))
        write(&writer)
        writer.literal("}}")
    }
}

/// Where the parts of an event are that clients see.
private struct ClientParts {
    var content: Range<Int>?
    var sender: Range<Int>?
    var stateKey: Range<Int>?
    var type: Range<Int>?
    var timestamp: Int64?
    var isRedaction = false

    init(_ view: JSONView) {
        guard view.kind(0) == .object else { return }
        view.forEachMember(of: 0) { key, value in
            if view.key(key, is: "content") {
                content = view.range(of: value)
            } else if view.key(key, is: "sender") {
                sender = view.range(of: value)
            } else if view.key(key, is: "state_key") {
                stateKey = view.range(of: value)
            } else if view.key(key, is: "type") {
                type = view.range(of: value)
                isRedaction = view.key(value, is: "m.room.redaction")
            } else if view.key(key, is: "origin_server_ts") {
                timestamp = view.integer(value) ?? view.double(value).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
            }
        }
    }
}
