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
        case .past(let room, let event):
            let group = try EventTable.stateAfter(event, tx)
            let nids = try StateGroupTable.read(group, room: room.nid, at: [key], tx)
            return try nids[key].flatMap { try EventTable.find(nids: [$0], version: room.version, tx).first }
        }
    }

    /// The whole state, as clients are shown it.
    func shownState(_ cache: ShownStates, to userID: String, _ tx: Transaction) throws -> ShownState {
        switch self {
        case .now(let room):
            if let known = cache.value(of: room.nid, version: room.stateVersion) { return known }
            let state = try shownState(of: room, cache, tx)
            cache.store(state, of: room.nid, version: room.stateVersion)
            return state
        case .past(let room, let event):
            let group = try EventTable.stateAfter(event, tx)
            return try ShownState(Self.events(StateGroupTable.read(group, room: room.nid, tx), room, to: userID, tx), of: room, tx)
        }
    }

    /// What is known of an earlier version with what has changed since, or everything anew.
    private func shownState(of room: RoomRow, _ cache: ShownStates, _ tx: Transaction) throws -> ShownState {
        if let earlier = cache.latest(of: room.nid), let changes = try CurrentStateTable.changes(after: earlier.version, in: room, tx) {
            return try earlier.value.changed(by: changes, of: room, tx)
        }
        return try ShownState(CurrentStateTable.all(in: room, tx), of: room, tx)
    }

    /// The member events, as clients are shown them, and perhaps the rest of the state with them.
    func shownMembers(_ cache: ShownStates, to userID: String, _ tx: Transaction) throws -> ShownState {
        guard case .past(let room, let event) = self else { return try shownState(cache, to: userID, tx) }
        let members = try StateGroupTable.read(EventTable.stateAfter(event, tx), room: room.nid, type: "m.room.member", tx)
        return try ShownState(Self.events(members, room, to: userID, tx), of: room, tx)
    }

    /// Members who are erased have no names to who was not there then.
    private static func events(
        _ state: [StateKey: Int64], _ room: RoomRow, to userID: String, _ tx: Transaction
    ) throws -> [StateEvent] {
        let found = try EventTable.find(nids: Array(state.values), version: room.version, tx)
        let erased = try ErasedTable.among(Set(found.filter { $0.event.membership != nil }.map(\.event.sender)), tx)
        let visibility = EventVisibility(userID: userID, room: room)
        return try found.map { stored in
            let isNameless = try stored.event.membership != nil && erased.contains(stored.event.sender)
                && visibility.sight(of: stored, tx) != .whole
            return StateEvent(event: isNameless ? try stored.event.redacted() : stored.event, redactedBy: stored.redactedBy)
        }
    }
}
