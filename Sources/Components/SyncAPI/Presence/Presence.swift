import Topics

/// Whether a user is there, and the rules by which that changes.
/// [Presence](https://spec.matrix.org/v1.19/client-server-api/#presence)
struct Presence: Sendable, Equatable {
    typealias State = PresenceUpdate.State

    private(set) var state = State.offline
    private(set) var statusMessage: String?
    /// When the user last did something: milliseconds since 1970.
    private(set) var lastActive: Int64
    /// Whether others are told that the user is active, so that no later time of that need be told.
    private(set) var isActive = false
    /// What the user's clients that sync say together.
    private(set) var synced = State.offline

    /// How long ago somebody has done something who is not active any more.
    static let activeFor: Int64 = 60_000
    /// And who is idle; or, where no client syncs, gone.
    static let idleAfter: Int64 = 300_000

    init(lastActive: Int64) { self.lastActive = lastActive }

    init(state: State, statusMessage: String?, lastActive: Int64, isActive: Bool, synced: State) {
        self.state = state
        self.statusMessage = statusMessage
        self.lastActive = lastActive
        self.isActive = isActive
        self.synced = synced
    }

    /// The user says so.
    mutating func set(_ state: State, statusMessage: String?, now: Int64) {
        self.statusMessage = statusMessage
        lastActive = now
        become(state)
    }

    /// The user's clients sync otherwise than before. What the user set holds until they do.
    mutating func follow(_ synced: State, now: Int64) {
        if synced == self.synced { return }
        self.synced = synced
        if synced == .online { lastActive = now }
        become(synced)
    }

    /// The user did something. It brings back who was idle, but not who wants to seem offline.
    mutating func act(now: Int64) {
        lastActive = now
        if state != .offline { become(.online) }
    }

    /// Time passed.
    mutating func age(now: Int64) {
        // The clock was set back.
        if lastActive > now { lastActive = now }
        let rested = now - lastActive
        if rested >= Self.idleAfter, state > min(synced, .unavailable) {
            become(min(synced, .unavailable))
        } else if rested >= Self.activeFor {
            isActive = false
        }
    }

    private mutating func become(_ state: State) {
        self.state = state
        isActive = state == .online
    }

    /// When to let it ``age(now:)`` next; nil: that changes nothing any more.
    var due: Int64? {
        if isActive { return lastActive + Self.activeFor }
        return state > min(synced, .unavailable) ? lastActive + Self.idleAfter : nil
    }

    /// Whether others have to be told, who were told this.
    func isNews(after told: Presence?) -> Bool {
        told.map { $0.state != state || $0.statusMessage != statusMessage || $0.isActive != isActive } ?? true
    }
}
