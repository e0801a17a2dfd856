import Delivery
import Matrix
import RoomRules
import SQL

/// Writes what was made of a room: all of it in the transaction that holds the room's lock.
struct RoomWriter: Sendable {
    let outbox: Outbox

    /// Writes a change, and the room's row last. A new room is given its number.
    func write(_ change: inout RoomChange, _ tx: Transaction) throws {
        if change.isEmpty { return }
        if change.room.nid == 0 { try RoomTable.insert(&change.room, tx) }
        let nids = try EventTable.insert(change.added, room: change.room.nid, tx)
        if change.added.contains(where: \.event.isState) { try writeState(of: &change, nids, tx) }
        if let summary = change.summary { try SummaryTable.upsert(summary, room: change.room.nid, tx) }
        for redaction in change.redactions {
            try EventTable.redact(redaction.eventID, by: redaction.by, room: change.room.nid, tx)
        }
        let messages = try OutputMessages.of(change.added, in: change.room)
        change.room.seq += Int64(messages.count)
        change.told = try outbox.append(
            key: change.room.roomID, messages: messages, last: change.room.seq, now: change.room.readTS, in: tx)
        try RoomTable.update(change.room, tx)
    }

    private func writeState(of change: inout RoomChange, _ nids: [String: Int64], _ tx: Transaction) throws {
        let room = change.room.nid
        var deltas: [StateGroupTable.Delta] = []
        var current: [StateKey: (nid: Int64, membership: String?)] = [:]
        var memberships: [String: MembershipTable.Change] = [:]
        for added in change.added {
            guard let stateKey = added.event.stateKey, let nid = nids[added.event.eventID] else { continue }
            let key = StateKey(added.event.type, stateKey)
            deltas.append(
                StateGroupTable.Delta(
                    group: added.stateAfter, previous: added.stateBefore == 0 ? nil : added.stateBefore, key: key, nid: nid))
            current[key] = (nid, added.event.membership)
            guard let membership = added.event.membership else { continue }
            let departs = added.replaces?.membership == "join" && membership != "join"
            memberships[stateKey] = MembershipTable.Change(
                userID: stateKey, membership: membership, nid: nid,
                departed: departs ? nid : membership == "join" ? nil : memberships[stateKey]?.departed)
        }
        try StateGroupTable.insert(deltas, room: room, tx)
        // One order of keys in every process: no deadlocks between rows.
        try CurrentStateTable.upsert(
            current.sorted { $0.key < $1.key }.map { ($0.key, $0.value.nid, $0.value.membership) }, room: room, tx)
        if !memberships.isEmpty {
            try MembershipTable.upsert(memberships.values.sorted { $0.userID < $1.userID }, room: room, tx)
        }
        if change.room.groupDistance > StateGroupTable.longestChain(forStateOf: change.room.stateSize) {
            try StateGroupTable.completeFromCurrentState(change.room.stateGroup, room: room, tx)
            change.room.groupDistance = 0
        }
    }
}
