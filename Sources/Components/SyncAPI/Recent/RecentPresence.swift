/// A user's presence that changed lately, with the rooms whose members may see it.
struct RecentPresence: Sendable {
    let row: PresenceRow
    let rooms: Set<String>

    /// Of users in more rooms altogether the database tells.
    static let mostRooms = 2_000

    /// Whether somebody may see it who is in these rooms.
    func isVisible(to userID: String, in joined: Set<String>) -> Bool {
        row.userID == userID || !rooms.isDisjoint(with: joined)
    }
}
