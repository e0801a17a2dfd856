/// A user began or stopped typing.
public struct Typing: Codable, Sendable, Equatable {
    public var roomID: String
    public var userID: String
    public var isTyping: Bool
    /// When it ends by itself: milliseconds since 1970.
    public var expiresTS: Int64

    public init(roomID: String, userID: String, isTyping: Bool, expiresTS: Int64) {
        self.roomID = roomID
        self.userID = userID
        self.isTyping = isTyping
        self.expiresTS = expiresTS
    }
}
