import Contracts
import Matrix
import SQL

/// A room's state as clients are shown it, ready but for the age of each event.
struct ShownState: Sendable {
    private struct Entry: Sendable {
        let event: ClientEvent
        /// Of member events.
        let membership: String?
        let redactedBecause: RawJSON?
    }

    let roomID: String
    private let entries: [Entry]
    /// Who is joined, with their profile in the room.
    let joined: [String: QueryJoinedMembers.Member]
    /// What it takes in memory, in bytes, roughly.
    let cost: Int

    init(_ state: [StateEvent], of room: RoomRow, _ tx: Transaction) throws {
        roomID = room.roomID
        let redactions = try EventTable.find(eventIDs: state.compactMap(\.redactedBy), version: room.version, tx)
        let shown = Dictionary(redactions.map { ($0.event.eventID, $0.event.clientJSON()) }) { first, _ in first }
        entries = state.map { state in
            Entry(
                event: ClientEvent(state.event), membership: state.event.membership,
                redactedBecause: state.redactedBy.flatMap { shown[$0] })
        }
        let members = state.filter { $0.event.membership == "join" }.compactMap { member in
            member.event.stateKey.map { ($0, QueryJoinedMembers.Member(of: member.event)) }
        }
        joined = Dictionary(members) { first, _ in first }
        cost = state.reduce(256) { $0 + 256 + $1.event.bytes.count }
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
