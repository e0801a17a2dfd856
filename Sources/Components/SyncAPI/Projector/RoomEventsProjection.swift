import Matrix
import SQL
import Topics

/// An event as it was told.
struct ToldEvent {
    let told: OutputEvent.NewEvent
    let event: Event

    init(_ told: OutputEvent.NewEvent) throws {
        guard let version = RoomVersion(rawValue: told.roomVersion) else {
            throw MatrixError.unknown("room \(told.roomID) has the unknown version \(told.roomVersion)")
        }
        self.told = told
        event = try Event(parsing: told.event.bytes, version: version, eventID: told.eventID)
    }

    /// Whose place in which room's current state it is.
    var member: MembershipsTable.Place? {
        guard told.isCurrentState, event.membership != nil else { return nil }
        return event.stateKey.map { MembershipsTable.Place(roomID: told.roomID, userID: $0) }
    }

    /// What whoever is invited, or knocks, is shown of the room: what the roomserver says, and the event itself.
    var strippedState: [UInt8]? {
        guard let membership = event.membership, ["invite", "knock"].contains(membership) else { return nil }
        let others = (told.strippedState ?? []).filter { stripped in
            stripped.object.map { $0["type"]?.string != event.type || $0["state_key"]?.string != event.stateKey } ?? false
        }
        return JSON.array((others + [event.strippedJSON()]).map { $0.parsed() }).serialized()
    }
}

/// Events that became parts of rooms, in their order: a statement a table writes them all.
struct RoomEventsProjection {
    private var events: [Placed] = []
    /// Those that the events change: before them, and once they are written, after.
    private(set) var memberships: [MembershipsTable.Place: String]
    private(set) var rooms: Set<String> = []
    /// Whose membership they change.
    private(set) var users: Set<String> = []

    /// An event in its place.
    private struct Placed {
        let source: ToldEvent
        let stored: StoredEvent

        var membership: MembershipsTable.Change? {
            guard let place = source.member, let membership = stored.membership else { return nil }
            return MembershipsTable.Change(
                place: place, membership: membership, position: stored.position, strippedState: source.strippedState)
        }
    }

    private let rules: KnownRules
    /// Who has push rules of their own; nil where that has to be read.
    private let ruled: [PushRulesTable.Member]?

    init(memberships: [MembershipsTable.Place: String], rules: KnownRules, ruled: [PushRulesTable.Member]?) {
        self.memberships = memberships
        self.rules = rules
        self.ruled = ruled
    }

    var isEmpty: Bool { events.isEmpty }

    mutating func add(_ event: ToldEvent, at position: Int64) {
        events.append(Placed(source: event, stored: StoredEvent(event.told, event.event, position: position)))
        rooms.insert(event.told.roomID)
    }

    mutating func write(in tx: Transaction) throws {
        try EventsTable.insert(events.map(\.stored), in: tx)
        var index = EventIndex()
        for one in events { index.add(one.source.event, room: one.stored.roomID, position: one.stored.position) }
        try index.write(in: tx)
        var changes: [String: RoomsTable.Change] = [:]
        for one in events { changes[one.stored.roomID, default: RoomsTable.Change()].position = one.stored.position }
        let state = events.map(\.stored).filter { $0.isCurrentState && $0.stateKey != nil }
        if !state.isEmpty { try CurrentStateTable.upsert(state, in: tx) }
        let members = events.compactMap(\.membership)
        if !members.isEmpty { try write(members, counting: &changes, in: tx) }
        try notify(ruled: members.isEmpty ? ruled : nil, in: tx)
        for one in events {
            guard let redacted = one.source.told.redacts else { continue }
            try redact(redacted, because: one, in: tx)
        }
        try RoomsTable.touch(changes, in: tx)
        try ErasedTable.record(members, in: tx)
    }

    private func notify(ruled: [PushRulesTable.Member]?, in tx: Transaction) throws {
        let placed = events.map {
            Notifying.Placed(event: $0.source.event, roomID: $0.stored.roomID, position: $0.stored.position)
        }
        let ruled = try ruled ?? PushRulesTable.membersAhead(of: Array(rooms), in: tx)()
        let (rows, differences) = try Notifying(rules: rules, ruled: ruled, tx: tx).read(placed)
        try NotificationsTable.insert(rows, in: tx)
        try NotificationsTable.insert(differences, in: tx)
    }

    private mutating func write(
        _ members: [MembershipsTable.Change], counting changes: inout [String: RoomsTable.Change], in tx: Transaction
    ) throws {
        for change in members {
            let before = memberships.updateValue(change.membership, forKey: change.place)
            changes[change.place.roomID]?.joined += count("join", before, change.membership)
            changes[change.place.roomID]?.invited += count("invite", before, change.membership)
            users.insert(change.place.userID)
        }
        try MembershipsTable.upsert(members, in: tx)
        try PushRulesTable.record(members, in: tx)
        for change in members where change.membership != "join" {
            try TypingTable.stop(change.place.userID, in: change.place.roomID, position: change.position, tx)
        }
    }

    private func redact(_ eventID: String, because one: Placed, in tx: Transaction) throws {
        guard let target = try EventsTable.event(eventID, room: one.stored.roomID, in: tx),
            let version = RoomVersion(rawValue: target.roomVersion)
        else { return }
        let redacted = try Event(parsing: target.pdu, version: version, eventID: eventID).redacted()
        try EventsTable.redact(
            target, to: redacted.bytes, content: redacted.contentJSON.bytes,
            because: one.source.event.clientJSON(includeRoomID: true).bytes, in: tx)
        try SearchTable.remove(target.position, in: tx)
        try NotificationsTable.remove(target.position, in: tx)
        if let relation = try RelationsTable.remove(target.position, in: tx), relation.type == Relation.thread {
            try ThreadsTable.shrink(relation.parentID, room: target.roomID, in: tx)
        }
    }

    /// How a change of membership changes the number of those with one.
    private func count(_ membership: String, _ before: String?, _ after: String) -> Int64 {
        (after == membership ? 1 : 0) - (before == membership ? 1 : 0)
    }
}
