import InternalAPI
import Matrix

/// Users whose ID or display name has words that begin with those of a term: those in rooms that everybody may join or read,
/// and those who share a room with the user who asks.
public struct SearchUsers: Call {
    public static let path = "/roomserver/searchUsers"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var term: String
    /// At most 100.
    public var limit: Int

    public init(userID: String, term: String, limit: Int) {
        self.userID = userID
        self.term = term
        self.limit = limit
    }

    public struct User: Codable, Sendable, Equatable {
        public var userID: String
        public var displayName: String?
        public var avatarURL: String?

        enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case displayName = "display_name"
            case avatarURL = "avatar_url"
        }

        public init(userID: String, displayName: String?, avatarURL: String?) {
            self.userID = userID
            self.displayName = displayName
            self.avatarURL = avatarURL
        }
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var results: [User]
        /// Whether there are more.
        public var limited: Bool

        public init(results: [User], limited: Bool) {
            self.results = results
            self.limited = limited
        }
    }
}
