/// What a user says of their presence, or what their clients do at one syncapi.
public struct PresenceUpdate: Codable, Sendable, Equatable {
    /// Whether somebody is there. Of several clients the most counts.
    public enum State: String, Codable, Sendable, CaseIterable, Comparable {
        case offline, unavailable, online

        private var rank: Int {
            switch self {
            case .offline: 0
            case .unavailable: 1
            case .online: 2
            }
        }

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    public var userID: String
    public var state: State
    /// What the user says about it; nil: nothing. Only where the user set it.
    public var statusMessage: String?
    /// The syncapi at which the user's clients sync, so that they are seen; ``State/offline``: where they do not any more.
    /// Nil: the user set it.
    public var replica: String?

    public init(userID: String, state: State, statusMessage: String? = nil, replica: String? = nil) {
        self.userID = userID
        self.state = state
        self.statusMessage = statusMessage
        self.replica = replica
    }
}
