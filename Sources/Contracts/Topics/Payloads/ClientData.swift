import Matrix

/// A user's account data as it is now, or that the user is erased.
public struct ClientData: Codable, Sendable, Equatable {
    public var userID: String
    /// Nil: global.
    public var roomID: String?
    public var type: String
    public var content: RawJSON
    /// Whether all the user's data is gone, and what they said is for those alone who were there.
    public var isErasure: Bool?

    public init(userID: String, roomID: String?, type: String, content: RawJSON, isErasure: Bool? = nil) {
        self.userID = userID
        self.roomID = roomID
        self.type = type
        self.content = content
        self.isErasure = isErasure
    }

    /// What is told of an erased user. Type and content are of no account to whoever knows what an erasure is.
    public static func erasure(of userID: String) -> Self {
        Self(userID: userID, roomID: nil, type: "m.push_rules", content: RawJSON([:]), isErasure: true)
    }
}
