/// The rooms that users are joined to, as last read: true until it is heard that they joined or left one.
struct JoinedRooms: Sendable {
    private var rooms: [String: (rooms: Set<String>, position: Int64)] = [:]
    private var count = 0
    private let limit: Int

    /// `limit` bounds the rooms of all users together.
    init(limit: Int = 200_000) { self.limit = limit }

    /// As of a position. Nil: not known.
    func rooms(of userID: String, at position: Int64) -> Set<String>? {
        rooms[userID].flatMap { $0.position <= position ? $0.rooms : nil }
    }

    func knows(_ userID: String) -> Bool { rooms[userID] != nil }

    mutating func set(_ joined: Set<String>, of userID: String, at position: Int64) {
        forget(userID)
        if count + joined.count > limit { forgetAll() }
        guard joined.count <= limit else { return }
        rooms[userID] = (joined, position)
        count += joined.count + 1
    }

    mutating func forget(_ userID: String) {
        if let known = rooms.removeValue(forKey: userID) { count -= known.rooms.count + 1 }
    }

    mutating func forgetAll() {
        rooms = [:]
        count = 0
    }
}
