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

    /// The whole state.
    func state(_ tx: Transaction) throws -> [StateEvent] {
        switch self {
        case .now(let room): return try CurrentStateTable.all(in: room, tx)
        case .departed(let room, let event):
            let group = try EventTable.stateAfter(event, tx)
            return try Self.events(StateGroupTable.read(group, room: room.nid, tx), room, tx)
        }
    }

    /// The member events, of one membership or of all but one.
    func members(membership: String?, notMembership: String?, _ tx: Transaction) throws -> [StateEvent] {
        switch self {
        case .now(let room):
            return try CurrentStateTable.members(in: room, membership: membership, notMembership: notMembership, tx)
        case .departed(let room, let event):
            let group = try EventTable.stateAfter(event, tx)
            return try Self.events(StateGroupTable.members(group, room: room.nid, tx), room, tx).filter {
                (membership == nil || $0.event.membership == membership)
                    && (notMembership == nil || $0.event.membership != notMembership)
            }
        }
    }

    private static func events(_ state: [StateKey: Int64], _ room: RoomRow, _ tx: Transaction) throws -> [StateEvent] {
        try EventTable.find(nids: Array(state.values), version: room.version, tx).map {
            StateEvent(event: $0.event, redactedBy: $0.redactedBy)
        }
    }
}
