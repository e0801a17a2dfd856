import Matrix
import Topics

/// An event that happened lately, in the form that clients see.
struct RecentEvent: Sendable {
    let stored: StoredEvent
    let client: ClientEvent

    init(_ stored: StoredEvent) throws {
        self.stored = stored
        client = try ClientEvent(stored)
    }
}

/// What happened lately in one room, the oldest first.
struct RecentRoom: Sendable {
    private(set) var events: [RecentEvent] = []
    private(set) var receipts: [(position: Int64, receipt: Receipt)] = []
    /// Who types since the last change of that.
    private(set) var typing: (position: Int64, users: [String])?
    /// The member events of those who sent the events, for clients that load them lazily.
    private(set) var members: [String: RecentEvent] = [:]
    /// Whoever has seen less is told by the database: what happened up to here takes more to tell than these rows.
    private(set) var plainAbove: Int64 = 0
    private(set) var lastPosition: Int64 = 0
    /// What notifies everybody, and what it does otherwise to single users.
    private(set) var notifications: [NotificationsTable.Row] = []
    private(set) var differences: [String: [NotificationsTable.Difference]] = [:]
    /// What was counted as unread up to here has to be counted anew.
    private(set) var countsAbove: Int64 = 0

    mutating func append(_ event: RecentEvent, above: Int64) {
        lastPosition = max(lastPosition, event.stored.position)
        if event.stored.type == "m.room.redaction" {
            // What was read before may be what it redacts; what was read with it shows that already.
            events.removeAll { $0.stored.position <= above }
            members = [:]
            plainAbove = max(plainAbove, above)
            countsAbove = event.stored.position
        }
        if event.stored.type == "m.room.member", event.stored.isCurrentState {
            // Who is in the room, whom to name it by, and what new members may see.
            plainAbove = event.stored.position
            members = [:]
        } else if ["m.room.name", "m.room.canonical_alias"].contains(event.stored.type), event.stored.isCurrentState {
            // Whether it is named by its members.
            plainAbove = event.stored.position
        }
        events.append(event)
    }

    mutating func append(_ receipt: Receipt, position: Int64) {
        lastPosition = max(lastPosition, position)
        receipts.removeAll {
            $0.receipt.userID == receipt.userID && $0.receipt.type == receipt.type && $0.receipt.threadID == receipt.threadID
        }
        receipts.append((position, receipt))
    }

    mutating func append(_ notification: NotificationsTable.Row) { notifications.append(notification) }

    mutating func append(_ difference: NotificationsTable.Difference) {
        differences[difference.userID, default: []].append(difference)
    }

    mutating func setTyping(_ users: [String], position: Int64) {
        lastPosition = max(lastPosition, position)
        typing = (position, users)
    }

    mutating func setMember(_ event: RecentEvent) { if let userID = event.stored.stateKey { members[userID] = event } }

    /// Forgets what happened up to a position.
    mutating func prune(to low: Int64) {
        events.removeAll { $0.stored.position <= low }
        receipts.removeAll { $0.position <= low }
        notifications.removeAll { $0.position <= low }
        differences = differences.mapValues { $0.filter { $0.position > low } }.filter { !$0.value.isEmpty }
        if let typing, typing.position <= low { self.typing = nil }
        let senders = Set(events.map(\.stored.sender))
        members = members.filter { senders.contains($0.key) }
    }
}
