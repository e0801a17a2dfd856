import Matrix
import RoomRules
import SQL
import Topics

/// What a batch of requests makes of a room: a value, so that a request which is refused half-way leaves no trace.
///
/// Every event follows the one before, so that local events never fork the room.
struct RoomEdit {
    private(set) var room: RoomRow
    private let view: StateView
    let author: Author
    /// The state that this edit changed.
    private(set) var changedState: [StateKey: Event] = [:]
    private(set) var added: [AddedEvent] = []
    /// Redacted events, each with its redaction.
    private(set) var redactions: [AppliedRedaction] = []
    /// Whether what the room says of itself to those outside may have changed.
    private(set) var changesSummary = false
    /// The request that is at work, for logs.
    var requestID: String?
    /// Nil for a room that does not exist yet.
    let tx: Transaction?

    init(_ room: RoomRow, _ view: StateView, author: Author, requestID: String? = nil, _ tx: Transaction?) {
        self.room = room
        self.view = view
        self.author = author
        self.requestID = requestID
        self.tx = tx
    }

    /// The room's number in the output log, after what was added so far.
    var seq: Int64 { room.seq + Int64(added.count) }

    func state(_ key: StateKey) throws -> Event? { try changedState[key] ?? view.event(at: key) }
    func state(_ type: String, _ stateKey: String = "") throws -> Event? { try state(StateKey(type, stateKey)) }

    func loadState(_ keys: some Sequence<StateKey>) throws { try view.load(keys) }

    /// What there is to write.
    var change: RoomChange {
        get throws {
            var summary: RoomSummary?
            var endsGuestAccess = false
            if changesSummary {
                try view.load(RoomSummary.keys)
                let now = try RoomSummary { try state($0) }
                summary = now
                endsGuestAccess = try !now.guestCanJoin && view.event(at: StateKey("m.room.guest_access"))?.letsGuestsIn == true
            }
            return RoomChange(
                room: room, added: added, redactions: redactions, summary: summary, endsGuestAccess: endsGuestAccess,
                knownState: view.known.merging(changedState.mapValues(Optional.some)) { $1 })
        }
    }

    var powerLevels: PowerLevels {
        get throws { PowerLevels(try state("m.room.power_levels"), create: try state("m.room.create"), version: room.version) }
    }

    /// Adds an event, if the authorization rules allow it, and returns its ID; for a state event that changes nothing,
    /// the ID of the one that says so already.
    mutating func add(_ draft: CheckedDraft, transaction: OutputEvent.Transaction? = nil) throws -> String {
        if let key = draft.key, let same = try state(key), same.sender == draft.sender, same.content == draft.content {
            return same.eventID
        }
        let authEvents = try authEventKeys(
            type: draft.type, sender: draft.sender, stateKey: draft.stateKey, content: draft.content, version: room.version
        ).compactMap { try state($0) }
        let event = try author.event(
            from: draft, in: room, authEvents: authEvents.map(\.eventID), referenceHashes: referenceHashes(with: authEvents))
        try authorize(event, against: { try state($0, $1) })
        try checkRedaction(event)
        try append(event, transaction)
        return event.eventID
    }

    /// Adds the event that begins the room.
    mutating func begin(with create: Event) throws {
        try authorize(create, against: { _, _ in nil })
        try append(create, nil)
    }

    private mutating func append(_ event: Event, _ transaction: OutputEvent.Transaction?) throws {
        let key = event.stateKey.map { StateKey(event.type, $0) }
        let replaces = try key.flatMap { try state($0) }
        let visibility = try historyVisibility(for: event)
        let stripped = try strippedState(for: event)
        let target = try redactionTarget(of: event)

        let stateBefore = room.stateGroup
        if let key {
            changedState[key] = event
            room.lastStateGroup += 1
            room.stateGroup = room.lastStateGroup
            room.stateVersion += 1
            if replaces == nil { room.stateSize += 1 }
            if RoomSummary.keys.contains(key) { changesSummary = true }
        }
        if event.isState, let membership = event.membership {
            room.joinedMembers += (membership == "join" ? 1 : 0) - (replaces?.membership == "join" ? 1 : 0)
        }
        room.depth = event.depth
        room.latestEvents = [event.eventID]
        added.append(
            AddedEvent(
                event: event, stateBefore: stateBefore, stateAfter: room.stateGroup, replaces: replaces,
                historyVisibility: visibility, strippedState: stripped, redacts: target?.eventID, transaction: transaction,
                requestID: requestID))
        if let target { try redact(target, by: event) }
    }

    /// In room versions that point to events by ID and hash: the hashes of what the next event points to.
    private func referenceHashes(with authEvents: [Event]) throws -> [String: String] {
        guard room.version.rules.eventsCarryIDs else { return [:] }
        var events = authEvents + added.suffix(1).map(\.event)
        if let tx, added.isEmpty {
            events += try EventTable.find(eventIDs: room.latestEvents, version: room.version, tx).map(\.event)
        }
        return Dictionary(events.map { ($0.eventID, $0.referenceHash) }) { first, _ in first }
    }

    /// The visibility that the room's history has at this event. For one that changes it, the wider of both.
    private func historyVisibility(for event: Event) throws -> String {
        let before = HistoryVisibility(try state("m.room.history_visibility"))
        return event.isState("m.room.history_visibility") ? max(before, HistoryVisibility(event)).rawValue : before.rawValue
    }

    /// The event that a redaction takes the content from: one of this room, where the sender may.
    private func redactionTarget(of event: Event) throws -> Event? {
        guard let target = try namedTarget(of: event), redactionApplies(event, to: target, powerLevels: try powerLevels) else {
            return nil
        }
        return target
    }

    /// The rules let everybody redact what was sent from the same server; here it takes the same user, or the power to.
    /// [Redactions](https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid)
    private func checkRedaction(_ event: Event) throws {
        guard event.type == "m.room.redaction" else { return }
        guard let target = try namedTarget(of: event) else {
            if let tx, let eventID = event.redacts, !eventID.utf8.contains(0), try EventTable.exists(eventID, tx) {
                throw MatrixError.invalidParam("The event to redact is in another room")
            }
            return
        }
        if target.type == "m.room.create" { throw MatrixError.forbidden("What a room began with cannot be redacted") }
        if target.sender == event.sender { return }
        let levels = try powerLevels
        guard levels.level(of: event.sender) >= levels.redact else {
            throw MatrixError.forbidden("\(event.sender) may not redact events of others")
        }
    }

    /// The event of this room that a redaction names.
    private func namedTarget(of event: Event) throws -> Event? {
        guard event.type == "m.room.redaction", let eventID = event.redacts else { return nil }
        if let own = added.first(where: { $0.event.eventID == eventID }) { return own.event }
        guard let tx, !eventID.utf8.contains(0) else { return nil }
        return try EventTable.find(eventID, in: room, tx)?.event
    }

    private mutating func redact(_ target: Event, by redaction: Event) throws {
        let key = target.stateKey.map { StateKey(target.type, $0) }
        let place = try key.flatMap { try state($0)?.eventID == target.eventID ? $0 : nil }
        redactions.append(AppliedRedaction(eventID: target.eventID, by: redaction.eventID, place: place))
        guard let place else { return }
        changedState[place] = try target.redacted()
        room.stateVersion += 1
        if RoomSummary.keys.contains(place) { changesSummary = true }
    }

    /// What a local user who is invited, or who knocks, is told of the room, and that event itself.
    private func strippedState(for event: Event) throws -> [RawJSON]? {
        guard event.isState, let membership = event.membership, membership == "invite" || membership == "knock",
            let target = event.stateKey, author.isLocal(target)
        else { return nil }
        let keys = StrippedState.keys + [StateKey("m.room.member", event.sender)]
        try view.load(keys)
        return StrippedState.bounded([event] + (try keys.compactMap { try state($0) }))
    }
}
