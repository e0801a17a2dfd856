/// A user began or stopped typing.
public struct Typing: Codable, Sendable, Equatable {
    public var roomID: String
    public var userID: String
    public var isTyping: Bool
    /// When it ends by itself: milliseconds since 1970.
    public var expiresTS: Int64
    /// After how many milliseconds it ends by itself, for whom the sender's clock is not theirs. Earlier releases do not say.
    public var lastsMS: Int64?

    public init(roomID: String, userID: String, isTyping: Bool, expiresTS: Int64, lastsMS: Int64? = nil) {
        self.roomID = roomID
        self.userID = userID
        self.isTyping = isTyping
        self.expiresTS = expiresTS
        self.lastsMS = lastsMS
    }
}
