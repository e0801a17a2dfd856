/// How a user's membership of a room went, by position: what decides which events they may see.
struct MembershipHistory: Sendable {
    /// The oldest first.
    var steps: [(position: Int64, membership: String)]

    /// The membership in force at a position, its own event included.
    func membership(at position: Int64) -> String {
        steps.last { $0.position <= position }?.membership ?? "leave"
    }

    /// Whether the user was in the room at a position or earlier.
    func hadJoined(by position: Int64) -> Bool {
        steps.contains { $0.position <= position && $0.membership == "join" }
    }

    /// Whether the user joined, or still was in the room, at or after a position.
    func joined(from position: Int64) -> Bool {
        membership(at: position) == "join" || steps.contains { $0.position > position && $0.membership == "join" }
    }

    /// Whether the user may see an event.
    func allows(_ event: StoredEvent, to userID: String) -> Bool {
        allows(
            at: event.position, visibility: event.historyVisibility,
            isOwnMembership: event.type == "m.room.member" && event.stateKey == userID)
    }

    /// Whether the user may see the event at a position, by what the room's history visibility was there.
    /// [History visibility](https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility)
    func allows(at position: Int64, visibility: String, isOwnMembership: Bool) -> Bool {
        if isOwnMembership { return true }
        let then = membership(at: position)
        if then == "join" { return true }
        return switch visibility {
        case "world_readable": true
        case "joined": false
        case "invited": then == "invite"
        default: joined(from: position)
        }
    }
}
