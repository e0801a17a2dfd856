import Synchronization

/// What is known of rooms in use, each for one version of the room's state: it is believed only where the room's row, in the
/// snapshot or under the lock that asks, has that version, so another replica's change is never missed.
final class VersionedCache<Value: Sendable>: Sendable {
    private struct Entry {
        let version: Int64
        let value: Value
        let cost: Int
        var used: Int
    }

    private struct State {
        var rooms: [Int64: Entry] = [:]
        var cost = 0
        var clock = 0

        /// Lets go of the rooms that were not used for longest.
        mutating func shrink(to limit: Int) {
            for (room, entry) in rooms.sorted(by: { $0.value.used < $1.value.used }) {
                if cost <= limit { return }
                rooms[room] = nil
                cost -= entry.cost
            }
        }
    }

    private let state = Mutex(State())
    private let limit: Int
    private let cost: @Sendable (Value) -> Int

    /// `limit` and `cost` are in bytes, roughly.
    init(limit: Int, cost: @escaping @Sendable (Value) -> Int) {
        self.limit = limit
        self.cost = cost
    }

    func value(of room: Int64, version: Int64) -> Value? {
        state.withLock { state in
            guard let entry = state.rooms[room], entry.version == version else { return nil }
            state.clock += 1
            state.rooms[room]?.used = state.clock
            return entry.value
        }
    }

    /// What is known, of whichever version.
    func latest(of room: Int64) -> (version: Int64, value: Value)? {
        state.withLock { state in state.rooms[room].map { ($0.version, $0.value) } }
    }

    func store(_ value: Value, of room: Int64, version: Int64) {
        let cost = cost(value)
        state.withLock { state in
            if let old = state.rooms[room] {
                if old.version > version { return }
                state.cost -= old.cost
            }
            state.clock += 1
            state.rooms[room] = Entry(version: version, value: value, cost: cost, used: state.clock)
            state.cost += cost
            if state.cost > limit { state.shrink(to: limit / 4 * 3) }
        }
    }
}
