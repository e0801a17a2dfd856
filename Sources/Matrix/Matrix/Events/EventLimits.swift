/// [Size limits](https://spec.matrix.org/v1.19/client-server-api/#size-limits), all in bytes. Beyond them: U+0000 is carried in
/// contents but refused in what events are found by, for not every database keeps it in text.
public enum EventLimits {
    /// Of the whole event, in canonical JSON, signatures included.
    public static let event = 65_536
    /// Of `type`, `state_key`, `sender`, `room_id` and `event_id`.
    public static let field = 255

    /// Whether this could be the ID of an event in some room version.
    static func isName(_ id: String) -> Bool { id.utf8.count <= field && !id.isEmpty && !id.utf8.contains(0) }

    static func check(_ event: EventFields, _ document: JSONDocument) throws {
        let texts = [
            ("type", event.type), ("state_key", event.stateKey ?? ""), ("sender", event.sender), ("room_id", event.roomID),
            ("event_id", event.eventID),
        ]
        for (name, text) in texts {
            guard text.utf8.count <= field else { throw MatrixError.tooLarge("\(name) is longer than \(field) bytes") }
            guard !text.utf8.contains(0) else { throw MatrixError.badJSON("\(name) contains U+0000") }
        }
        for reference in event.prevEvents + event.authEvents where !isName(reference) {
            throw MatrixError.badJSON("prev_events or auth_events name what can be no event")
        }
        guard UserID(event.sender) != nil else { throw MatrixError.badJSON("sender is not a user ID") }
        guard RoomID(event.roomID) != nil else { throw MatrixError.badJSON("room_id is not a room ID") }
        guard document.bytes.count > Self.event else { return }
        // White space does not count.
        var writer = JSONWriter(capacity: document.bytes.count)
        document.view { $0.writeCanonical(0, to: &writer) }
        if writer.bytes.count > Self.event { throw MatrixError.tooLarge("The event is larger than \(Self.event) bytes") }
    }
}
