import Delivery
import Matrix
import RoomRules
import SQL

/// Writes what was made of rooms: all of it in the transaction that holds their locks, a statement a table.
struct RoomWriter: Sendable {
    let outbox: Outbox

    /// Writes changes, whose events take these numbers, and returns what is to be published.
    func write(_ changes: inout [RoomChange], numbers: [Int64], _ tx: Transaction) throws -> [OutboxEntry] {
        let indices = changes.indices.filter { !changes[$0].isEmpty }
        if indices.isEmpty { return [] }
        var known: [RoomRow] = []
        for index in indices {
            var room = changes[index].room
            room.seq += Int64(changes[index].added.count)
            if room.isNew { try RoomTable.insert(room, tx) } else { known.append(room) }
            changes[index].room = room
        }
        let written = indices.map { changes[$0] }
        let nids = try EventTable.insert(written, numbers: numbers, tx)
        if written.contains(where: \.hasState) { try writeState(of: written, nids, tx) }
        for change in written {
            if let summary = change.summary { try SummaryTable.upsert(summary, room: change.room.nid, tx) }
            if change.endsGuestAccess { try GuestRemoval.claims.add(change.room.roomID, in: tx) }
            for redaction in change.redactions {
                try EventTable.redact(redaction.eventID, by: redaction.by, room: change.room.nid, tx)
                guard let place = redaction.place else { continue }
                try CurrentStateTable.touch(place, room: change.room.nid, version: change.room.stateVersion, tx)
            }
        }
        let parts = try written.map { change in
            OutboxPart(
                key: change.room.roomID, messages: try OutputMessages.of(change.added, in: change.room), last: change.room.seq)
        }
        let told = try outbox.append(parts, now: written.first?.room.readTS, in: tx)
        if !known.isEmpty { try RoomTable.update(known, tx) }
        return told
    }

    private func writeState(of changes: [RoomChange], _ nids: [String: Int64], _ tx: Transaction) throws {
        var deltas: [StateGroupTable.Delta] = []
        var current: [CurrentStateTable.Change] = []
        var memberships: [MembershipTable.Change] = []
        var people: [Person] = []
        for change in changes {
            let room = change.room.nid
            var state: [StateKey: CurrentStateTable.Change] = [:]
            var members: [String: MembershipTable.Change] = [:]
            for added in change.added {
                guard let stateKey = added.event.stateKey, let nid = nids[added.event.eventID] else { continue }
                let key = StateKey(added.event.type, stateKey)
                deltas.append(
                    StateGroupTable.Delta(
                        room: room, group: added.stateAfter, previous: added.stateBefore == 0 ? nil : added.stateBefore, key: key,
                        nid: nid))
                state[key] = CurrentStateTable.Change(
                    room: room, version: change.room.stateVersion, key: key, nid: nid, membership: added.event.membership)
                guard let membership = added.event.membership else { continue }
                if membership == "join" { people.append(Person(of: added.event)) }
                let departs = added.replaces?.membership == "join" && membership != "join"
                members[stateKey] = MembershipTable.Change(
                    room: room, userID: stateKey, membership: membership, nid: nid,
                    departed: departs ? nid : membership == "join" ? nil : members[stateKey]?.departed,
                    isGuest: membership == "join" && added.event.isOfGuest)
            }
            current += state.values
            memberships += members.values
        }
        try StateGroupTable.insert(deltas, tx)
        let sizes = Dictionary(changes.map { ($0.room.nid, $0.room.stateSize) }) { $1 }
        for delta in deltas {
            let base = StateGroupTable.base(of: delta.group, stateSize: sizes[delta.room] ?? 0)
            if base < delta.group - 1 { try StateGroupTable.reach(back: base, from: delta.group, room: delta.room, tx) }
        }
        try CurrentStateTable.upsert(current, tx)
        try MembershipTable.upsert(memberships, tx)
        try PeopleTable.note(people, tx)
    }
}
