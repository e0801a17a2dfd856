import Matrix

/// A user's account data as it is now.
public struct ClientData: Codable, Sendable, Equatable {
    public var userID: String
    /// Nil: global.
    public var roomID: String?
    public var type: String
    public var content: RawJSON

    public init(userID: String, roomID: String?, type: String, content: RawJSON) {
        self.userID = userID
        self.roomID = roomID
        self.type = type
        self.content = content
    }
}
