import Matrix
import SQL
import Topics

/// Events that became parts of rooms, in their order: a statement a table writes them all.
struct RoomEventsProjection {
    private var events: [Told] = []
    private(set) var rooms: Set<String> = []
    /// Whose membership they change.
    private(set) var users: Set<String> = []

    /// An event, as told and as stored.
    private struct Told {
        let told: OutputEvent.NewEvent
        let event: Event
        let stored: StoredEvent

        /// The member event that it is of the room's current state.
        var membership: MembershipsTable.Change? {
            guard stored.isCurrentState, stored.type == "m.room.member", let userID = stored.stateKey,
                let membership = stored.membership
            else { return nil }
            return MembershipsTable.Change(
                roomID: told.roomID, userID: userID, membership: membership, position: stored.position,
                strippedState: strippedState(membership))
        }

        /// What whoever is invited, or knocks, is shown of the room: what the roomserver says, and the event itself.
        private func strippedState(_ membership: String) -> [UInt8]? {
            guard ["invite", "knock"].contains(membership) else { return nil }
            let others = (told.strippedState ?? []).filter { stripped in
                stripped.object.map { $0["type"]?.string != event.type || $0["state_key"]?.string != event.stateKey } ?? false
            }
            return JSON.array((others + [event.strippedJSON()]).map { $0.parsed() }).serialized()
        }
    }

    var isEmpty: Bool { events.isEmpty }

    mutating func add(_ told: OutputEvent.NewEvent, at position: Int64) throws {
        guard let version = RoomVersion(rawValue: told.roomVersion) else {
            throw MatrixError.unknown("room \(told.roomID) has the unknown version \(told.roomVersion)")
        }
        let event = try Event(parsing: told.event.bytes, version: version, eventID: told.eventID)
        events.append(Told(told: told, event: event, stored: StoredEvent(told, event, position: position)))
        rooms.insert(told.roomID)
    }

    mutating func write(in tx: Transaction) throws {
        try EventsTable.insert(events.map(\.stored), in: tx)
        var changes: [String: RoomsTable.Change] = [:]
        for one in events { changes[one.told.roomID, default: RoomsTable.Change()].position = one.stored.position }
        let state = events.map(\.stored).filter { $0.isCurrentState && $0.stateKey != nil }
        if !state.isEmpty { try CurrentStateTable.upsert(state, in: tx) }
        let memberships = events.compactMap(\.membership)
        if !memberships.isEmpty { try write(memberships, counting: &changes, in: tx) }
        for one in events {
            guard let redacted = one.told.redacts else { continue }
            try redact(redacted, because: one, in: tx)
        }
        try RoomsTable.touch(changes, in: tx)
    }

    private mutating func write(
        _ memberships: [MembershipsTable.Change], counting changes: inout [String: RoomsTable.Change], in tx: Transaction
    ) throws {
        var now = try MembershipsTable.current(memberships, in: tx)
        for change in memberships {
            let before = now.updateValue(change.membership, forKey: change.place)
            changes[change.roomID]?.joined += count("join", before, change.membership)
            changes[change.roomID]?.invited += count("invite", before, change.membership)
            users.insert(change.userID)
        }
        try MembershipsTable.upsert(memberships, in: tx)
        for change in memberships where change.membership != "join" {
            try TypingTable.stop(change.userID, in: change.roomID, position: change.position, tx)
        }
    }

    private func redact(_ eventID: String, because one: Told, in tx: Transaction) throws {
        guard let target = try EventsTable.event(eventID, room: one.stored.roomID, in: tx),
            let version = RoomVersion(rawValue: target.roomVersion)
        else { return }
        let redacted = try Event(parsing: target.pdu, version: version, eventID: eventID).redacted()
        try EventsTable.redact(
            target, to: redacted.bytes, content: redacted.contentJSON.bytes,
            because: one.event.clientJSON(includeRoomID: true).bytes, in: tx)
    }

    /// How a change of membership changes the number of those with one.
    private func count(_ membership: String, _ before: String?, _ after: String) -> Int64 {
        (after == membership ? 1 : 0) - (before == membership ? 1 : 0)
    }
}
