/// A user read a room up to an event.
public struct Receipt: Codable, Sendable, Equatable {
    public var roomID: String
    public var userID: String
    /// `m.read` or `m.read.private`.
    public var type: String
    public var eventID: String
    /// The thread it is for: `main`, an event ID, or nil for all.
    public var threadID: String?
    /// Milliseconds since 1970.
    public var timestamp: Int64

    public init(roomID: String, userID: String, type: String, eventID: String, threadID: String?, timestamp: Int64) {
        self.roomID = roomID
        self.userID = userID
        self.type = type
        self.eventID = eventID
        self.threadID = threadID
        self.timestamp = timestamp
    }
}
