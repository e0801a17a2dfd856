import Matrix
import RoomRules
import SQL

/// A locked room's current state, read as it is needed.
final class StateView {
    private let room: RoomRow
    private let tx: Transaction?
    private(set) var known: KnownState

    /// More places than these are not kept from one batch to the next.
    static let limit = 1000

    init(of room: RoomRow, known: KnownState, _ tx: Transaction) {
        self.room = room
        self.tx = tx
        self.known = known.count > Self.limit ? [:] : known
    }

    /// Of a room that does not exist yet.
    init(ofNew room: RoomRow) {
        self.room = room
        tx = nil
        known = [:]
    }

    /// Reads what is not known of these, in one statement.
    func load(_ keys: some Sequence<StateKey>) throws {
        let missing = Set(keys).filter { known[$0] == nil }
        guard !missing.isEmpty else { return }
        for key in missing { known[key] = .some(nil) }
        guard let tx else { return }
        for state in try CurrentStateTable.find(missing, in: room, tx) {
            guard let stateKey = state.event.stateKey else { continue }
            known[StateKey(state.event.type, stateKey)] = .some(state.event)
        }
    }

    func event(at key: StateKey) throws -> Event? {
        if let event = known[key] { return event }
        try load([key])
        return known[key] ?? nil
    }
}
