import Matrix
import RoomRules

/// What is known of a room's current state: an event, or that there is none.
typealias KnownState = [StateKey: Event?]

/// The current state of rooms in use, as far as it was needed to add to them.
typealias StateCache = VersionedCache<KnownState>

extension StateCache {
    convenience init(limit: Int) {
        self.init(limit: limit) { known in known.values.reduce(256) { $0 + 256 + 4 * ($1?.bytes.count ?? 0) } }
    }

    func known(of room: Int64, version: Int64) -> KnownState { value(of: room, version: version) ?? [:] }
}
