/// The rooms that users are joined to, and whom they ignore, as last read: true until it is heard that something about the user
/// changed.
struct JoinedRooms: Sendable {
    private var rooms: [String: (rooms: Set<String>, ignored: IgnoredUsers, position: Int64)] = [:]
    private var count = 0
    private let limit: Int

    /// `limit` bounds the rooms of all users together.
    init(limit: Int = 200_000) { self.limit = limit }

    /// As of a position. Nil: not known.
    func rooms(of userID: String, at position: Int64) -> Set<String>? {
        rooms[userID].flatMap { $0.position <= position ? $0.rooms : nil }
    }

    /// Whom a user whose rooms are known ignores.
    func ignored(by userID: String) -> IgnoredUsers { rooms[userID]?.ignored ?? .nobody }

    func knows(_ userID: String) -> Bool { rooms[userID] != nil }

    mutating func set(_ joined: Set<String>, ignoring ignored: IgnoredUsers = .nobody, of userID: String, at position: Int64) {
        forget(userID)
        let size = joined.count + ignored.userIDs.count
        if count + size > limit { forgetAll() }
        guard size <= limit else { return }
        rooms[userID] = (joined, ignored, position)
        count += size + 1
    }

    mutating func forget(_ userID: String) {
        if let known = rooms.removeValue(forKey: userID) { count -= known.rooms.count + known.ignored.userIDs.count + 1 }
    }

    mutating func forgetAll() {
        rooms = [:]
        count = 0
    }
}
