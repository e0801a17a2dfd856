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
    /// [History visibility](https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility)
    func allows(_ event: StoredEvent, to userID: String) -> Bool {
        if event.type == "m.room.member" && event.stateKey == userID { return true }
        let then = membership(at: event.position)
        if then == "join" { return true }
        return switch event.historyVisibility {
        case "world_readable": true
        case "joined": false
        case "invited": then == "invite"
        default: joined(from: event.position)
        }
    }
}
