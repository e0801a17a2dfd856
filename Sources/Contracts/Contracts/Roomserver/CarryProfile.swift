import InternalAPI

/// Brings a local user's name and picture into the rooms that they are joined to, a page of rooms at a time. What a room says
/// already is not said again, so that beginning anew repeats nothing.
public struct CarryProfile: Call, Equatable {
    public static let path = "/roomserver/carryProfile"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    /// Nil: not set.
    public var displayName: String?
    public var avatarURL: String?
    /// What the page before ended with.
    public var after: Int64?
    /// How many rooms are looked at, at most 100.
    public var limit: Int
    /// False: who was a guest when they joined is none any more. Nil: as they were.
    public var isGuest: Bool?

    public init(
        userID: String, displayName: String?, avatarURL: String?, after: Int64?, limit: Int = 32, isGuest: Bool? = nil
    ) {
        self.userID = userID
        self.displayName = displayName
        self.avatarURL = avatarURL
        self.after = after
        self.limit = limit
        self.isGuest = isGuest
    }

    public struct Reply: Codable, Sendable, Equatable {
        /// Where to go on; nil: that was all.
        public var next: Int64?
        public init(next: Int64?) { self.next = next }
    }
}
