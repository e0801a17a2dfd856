import InternalAPI

/// Whether a user is there, as another may know it. Errors: M_FORBIDDEN where the two share no room.
public struct QueryPresence: Call {
    public static let path = "/syncapi/queryPresence"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    /// Who asks.
    public var askedBy: String

    public init(userID: String, askedBy: String) {
        self.userID = userID
        self.askedBy = askedBy
    }
    public var affinity: String? { userID }

    public struct Reply: Codable, Sendable, Equatable {
        /// `online`, `unavailable` or `offline`.
        public var presence: String
        public var statusMessage: String?
        /// Milliseconds since the user last did something; nil: nobody knows.
        public var lastActiveAgo: Int64?
        /// Nil: not online.
        public var isActive: Bool?

        public init(presence: String, statusMessage: String? = nil, lastActiveAgo: Int64? = nil, isActive: Bool? = nil) {
            self.presence = presence
            self.statusMessage = statusMessage
            self.lastActiveAgo = lastActiveAgo
            self.isActive = isActive
        }
    }
}
