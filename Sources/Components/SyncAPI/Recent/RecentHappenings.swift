/// What happened between two positions, complete: from it incremental syncs are answered without the database, however many
/// wait for the same.
struct RecentHappenings: Sendable {
    /// Nothing up to here is known.
    private(set) var low: Int64 = 0
    private(set) var high: Int64 = 0
    private(set) var hasBegun = false
    private var rooms: [String: RecentRoom] = [:]
    /// When something last happened to a user alone: a membership changed, account data was set, a private receipt.
    private var users: [String: Int64] = [:]
    /// The rooms in the order in which something happened to them, with what that takes in memory, roughly.
    private var order: [(position: Int64, roomID: String, bytes: Int)] = []
    private var bytes = 0
    /// In their order; of a user the last counts.
    private var presences: [RecentPresence] = []
    /// Whoever has seen less is told of others' presence by the database.
    private(set) var presencePlainAbove: Int64 = 0
    private let mostHappenings: Int
    private let mostBytes: Int

    init(mostHappenings: Int = 2_000, mostBytes: Int = 8 << 20) {
        self.mostHappenings = mostHappenings
        self.mostBytes = mostBytes
    }

    /// Begins anew, at a position up to which nothing is known.
    mutating func begin(at position: Int64) {
        self = RecentHappenings(mostHappenings: mostHappenings, mostBytes: mostBytes)
        (low, high, hasBegun) = (position, position, true)
    }

    /// Goes on with the rows above `high`, and whom of the users else something happened to.
    mutating func extend(with rows: RecentRows, _ news: Notifier.News) throws {
        for stored in rows.events {
            rooms[stored.roomID, default: RecentRoom()].append(try RecentEvent(stored), above: high)
            touch(stored.roomID, at: stored.position, bytes: 1024 + 2 * stored.pdu.count)
        }
        for member in rows.members { rooms[member.roomID]?.setMember(try RecentEvent(member)) }
        for (position, receipt) in rows.receipts {
            rooms[receipt.roomID, default: RecentRoom()].append(receipt, position: position)
        }
        for row in rows.notifications { rooms[row.roomID]?.append(row) }
        for difference in rows.differences { rooms[difference.roomID]?.append(difference) }
        for (roomID, users) in rows.typing { rooms[roomID, default: RecentRoom()].setTyping(users, position: news.position) }
        for roomID in Set(rows.receipts.map(\.receipt.roomID)).union(rows.typing.keys) {
            touch(roomID, at: news.position, bytes: 1024)
        }
        for userID in news.userIDs { users[userID] = news.position }
        presences += rows.presences ?? []
        if rows.presences == nil { presencePlainAbove = news.position }
        high = news.position
        if order.count > mostHappenings || presences.count > mostHappenings || users.count > mostHappenings || bytes > mostBytes { prune() }
    }

    private mutating func touch(_ roomID: String, at position: Int64, bytes: Int) {
        order.append((position, roomID, bytes))
        self.bytes += bytes
    }

    /// Forgets the older half.
    private mutating func prune() {
        let positions = (order.map(\.position) + users.values + presences.map(\.row.position)).sorted()
        low = positions.isEmpty ? high : positions[positions.count / 2]
        order.removeAll { $0.position <= low }
        bytes = order.reduce(0) { $0 + $1.bytes }
        rooms = rooms.filter { $0.value.lastPosition > low }.mapValues { room in
            var room = room
            room.prune(to: low)
            return room
        }
        users = users.filter { $0.value > low }
        presences.removeAll { $0.row.position <= low }
    }

    /// Whose presence changed above a position, of those whom somebody in these rooms may see.
    func presences(above position: Int64, for userID: String, in joined: Set<String>) -> [PresenceRow] {
        var found: [String: PresenceRow] = [:]
        for presence in presences.reversed() {
            if presence.row.position <= position { break }
            if found[presence.row.userID] == nil, presence.isVisible(to: userID, in: joined) {
                found[presence.row.userID] = presence.row
            }
        }
        return Array(found.values)
    }

    /// Whoever of the user's devices has seen less is told by the database; 0: nothing happened to the user alone.
    func plainAbove(_ userID: String) -> Int64 { users[userID] ?? 0 }

    /// The rooms in which something happened above a position, of those that are asked for.
    func rooms(above position: Int64, among asked: Set<String>) -> [String: RecentRoom] {
        var found: [String: RecentRoom] = [:]
        for (touched, roomID, _) in order.reversed() {
            if touched <= position { break }
            if found[roomID] == nil, asked.contains(roomID) { found[roomID] = rooms[roomID] }
        }
        return found
    }
}
