import Contracts
import Matrix
import RoomRules
import SQL

/// A room's state as clients are shown it, ready but for the age of each event.
struct ShownState: Sendable {
    private struct Entry: Sendable {
        let event: ClientEvent
        /// Of member events.
        let membership: String?
        let redactedBecause: RawJSON?
        /// What it takes in memory, in bytes, roughly.
        let cost: Int
    }

    let roomID: String
    private var entries: [Entry] = []
    /// Where the event of a place is among them.
    private var places: [StateKey: Int] = [:]
    /// Who is joined, with their profile in the room.
    private(set) var joined: [String: QueryJoinedMembers.Member] = [:]
    /// What it takes in memory, in bytes, roughly.
    private(set) var cost = 256

    init(_ state: [StateEvent], of room: RoomRow, _ tx: Transaction) throws {
        roomID = room.roomID
        entries.reserveCapacity(state.count)
        places.reserveCapacity(state.count)
        try put(state, of: room, tx)
    }

    /// What it becomes by these events.
    func changed(by state: [StateEvent], of room: RoomRow, _ tx: Transaction) throws -> ShownState {
        var changed = self
        try changed.put(state, of: room, tx)
        return changed
    }

    private mutating func put(_ state: [StateEvent], of room: RoomRow, _ tx: Transaction) throws {
        let redactions = try EventTable.find(eventIDs: state.compactMap(\.redactedBy), version: room.version, tx)
        let shown = Dictionary(redactions.map { ($0.event.eventID, $0.event.clientJSON()) }) { first, _ in first }
        for state in state {
            guard let stateKey = state.event.stateKey else { continue }
            let entry = Entry(
                event: ClientEvent(state.event), membership: state.event.membership,
                redactedBecause: state.redactedBy.flatMap { shown[$0] }, cost: 320 + state.event.bytes.count)
            let place = StateKey(state.event.type, stateKey)
            if let index = places[place] {
                cost -= entries[index].cost
                entries[index] = entry
            } else {
                places[place] = entries.count
                entries.append(entry)
            }
            cost += entry.cost
            guard let membership = entry.membership else { continue }
            joined[stateKey] = membership == "join" ? QueryJoinedMembers.Member(of: state.event) : nil
        }
    }

    /// All events, as a JSON array.
    func everything(now: Int64) -> RawJSON { array(now: now) { _ in true } }

    /// The member events that have one membership, or do not have the other, as a JSON array; all where neither is named.
    func members(_ membership: String?, not notMembership: String?, now: Int64) -> RawJSON {
        array(now: now) { entry in
            guard let its = entry.membership else { return false }
            if membership == nil && notMembership == nil { return true }
            return its == membership || notMembership.map { its != $0 } ?? false
        }
    }

    private func array(now: Int64, _ isIncluded: (Entry) -> Bool) -> RawJSON {
        var writer = JSONWriter(capacity: cost)
        writer.byte("[")
        var isFirst = true
        for entry in entries where isIncluded(entry) {
            if !isFirst { writer.byte(",") }
            isFirst = false
            entry.event.append(to: &writer, roomID: roomID, now: now) { writer in
                guard let because = entry.redactedBecause else { return }
                writer.literal(",\"redacted_because\":")
                writer.bytes.append(contentsOf: because.bytes)
            }
        }
        writer.byte("]")
        return RawJSON(trusted: writer.bytes)
    }
}

/// The current state of rooms that are read, as clients are shown it.
typealias ShownStates = VersionedCache<ShownState>

extension QueryJoinedMembers.Member {
    fileprivate init(of event: Event) {
        self.init(displayName: event.content["displayname"]?.string, avatarURL: event.content["avatar_url"]?.string)
    }
}
