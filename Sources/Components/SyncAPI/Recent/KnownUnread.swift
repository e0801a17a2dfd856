/// What is unread for users, as last counted: from then on, what happened lately is added.
struct KnownUnread: Sendable {
    private var users: [String: [String: (counts: UnreadCounts, position: Int64)]] = [:]
    private var count = 0
    private let limit: Int

    /// `limit` bounds the rooms of all users together.
    init(limit: Int = 100_000) { self.limit = limit }

    /// As of a position, of those rooms for which it is known.
    /// - Parameter low: what happened up to here is no longer in the rooms.
    mutating func counts(
        of userID: String, in rooms: [String: RecentRoom], above low: Int64, at position: Int64
    ) -> [String: UnreadCounts] {
        guard let known = users[userID] else { return [:] }
        var found: [String: UnreadCounts] = [:]
        for (roomID, room) in rooms {
            guard let last = known[roomID], last.position >= max(low, room.countsAbove), last.position <= position,
                !room.hasReceipt(of: userID, above: last.position)
            else { continue }
            var counts = last.counts
            room.count(&counts, for: userID, above: last.position)
            found[roomID] = counts
        }
        set(found, of: userID, at: position)
        return found
    }

    mutating func set(_ counts: [String: UnreadCounts], of userID: String, at position: Int64) {
        var rooms = users[userID] ?? [:]
        let before = rooms.count
        for (roomID, one) in counts { rooms[roomID] = (one, position) }
        count += rooms.count - before
        users[userID] = rooms
        if count > limit { forgetAll() }
    }

    mutating func forget(_ userID: String) {
        if let known = users.removeValue(forKey: userID) { count -= known.count }
    }

    mutating func forgetAll() {
        users = [:]
        count = 0
    }
}

extension RecentRoom {
    /// Whether a user has read further since a position.
    func hasReceipt(of userID: String, above position: Int64) -> Bool {
        receipts.contains { $0.position > position && $0.receipt.userID == userID }
    }

    /// Adds what notifies a user above a position.
    func count(_ counts: inout UnreadCounts, for userID: String, above position: Int64) {
        for row in notifications.reversed() {
            if row.position <= position { break }
            if row.sender != userID { counts.add(1, row.highlights ? 1 : 0, in: row.threadID) }
        }
        for difference in differences[userID] ?? [] where difference.position > position {
            counts.add(difference.notifies, difference.highlights, in: difference.threadID)
        }
    }
}
