import Matrix
import RoomRules
import SQL

extension RoomAccess {
    /// The state event at a place.
    func stateEvent(at key: StateKey, _ tx: Transaction) throws -> StoredEvent? {
        switch self {
        case .now(let room):
            return try CurrentStateTable.find([key], in: room, tx).first.flatMap {
                try EventTable.find($0.event.eventID, in: room, tx)
            }
        case .departed(let room, let event):
            let group = try EventTable.stateAfter(event, tx)
            let nids = try StateGroupTable.read(group, room: room.nid, at: [key], tx)
            return try nids[key].flatMap { try EventTable.find(nids: [$0], version: room.version, tx).first }
        }
    }

    /// The whole state, as clients are shown it.
    func shownState(_ cache: ShownStates, _ tx: Transaction) throws -> ShownState {
        switch self {
        case .now(let room):
            if let known = cache.value(of: room.nid, version: room.stateVersion) { return known }
            let state = try ShownState(CurrentStateTable.all(in: room, tx), of: room, tx)
            cache.store(state, of: room.nid, version: room.stateVersion)
            return state
        case .departed(let room, let event):
            let group = try EventTable.stateAfter(event, tx)
            return try ShownState(Self.events(StateGroupTable.read(group, room: room.nid, tx), room, tx), of: room, tx)
        }
    }

    private static func events(_ state: [StateKey: Int64], _ room: RoomRow, _ tx: Transaction) throws -> [StateEvent] {
        try EventTable.find(nids: Array(state.values), version: room.version, tx).map {
            StateEvent(event: $0.event, redactedBy: $0.redactedBy)
        }
    }
}
