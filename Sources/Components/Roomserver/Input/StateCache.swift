import Matrix
import RoomRules
import Synchronization

/// What is known of a room's current state: an event, or that there is none.
typealias KnownState = [StateKey: Event?]

/// The current state of rooms in use, as far as it was needed. It is believed only for the version that the room's row
/// has under its lock, so another replica's change is never missed.
final class StateCache: Sendable {
    private struct Entry {
        let version: Int64
        let known: KnownState
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

    /// `limit` is in bytes, roughly.
    init(limit: Int) { self.limit = limit }

    func known(of room: Int64, version: Int64) -> KnownState {
        state.withLock { state in
            guard let entry = state.rooms[room], entry.version == version else { return [:] }
            state.clock += 1
            state.rooms[room]?.used = state.clock
            return entry.known
        }
    }

    func store(_ known: KnownState, of room: Int64, version: Int64) {
        let cost = known.values.reduce(256) { $0 + 256 + 4 * ($1?.bytes.count ?? 0) }
        state.withLock { state in
            if let old = state.rooms[room] {
                if old.version > version { return }
                state.cost -= old.cost
            }
            state.clock += 1
            state.rooms[room] = Entry(version: version, known: known, cost: cost, used: state.clock)
            state.cost += cost
            if state.cost > limit { state.shrink(to: limit / 4 * 3) }
        }
    }
}
