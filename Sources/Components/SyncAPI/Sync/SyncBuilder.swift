import Matrix
import SQL
import Topics

/// Builds the answer to a `/sync` from one snapshot of the projection.
struct SyncBuilder {
    let request: SyncRequest
    /// The snapshot's position.
    let position: Int64
    let tx: Transaction
    private let render: EventRendering

    init(_ request: SyncRequest, position: Int64, now: Int64, in tx: Transaction) {
        self.request = request
        self.position = position
        self.tx = tx
        render = EventRendering(
            userID: request.userID, deviceID: request.deviceID, now: now, includeRoomID: false, fields: request.filter.eventFields,
            isFederationFormat: request.filter.eventFormat == .federation)
    }

    private var since: Int64 { request.since ?? 0 }
    private var isInitial: Bool { request.since == nil }

    func response() throws -> SyncResponse {
        var response = SyncResponse(nextBatch: SyncToken(position: position).description)
        let accountData = try AccountDataTable.changed(of: request.userID, above: since, in: tx)
        response.accountData.events = events(accountData[""], request.filter.accountData)
        let memberships = try isInitial || request.fullState
            ? MembershipsTable.all(of: request.userID, in: tx)
            : MembershipsTable.changed(of: request.userID, above: since, in: tx)
        var rooms = Dictionary(memberships.map { ($0.roomID, $0) }, uniquingKeysWith: { first, _ in first })
        for roomID in accountData.keys where !roomID.isEmpty && rooms[roomID] == nil {
            rooms[roomID] = try MembershipsTable.membership(of: request.userID, in: roomID, tx)
        }
        for row in rooms.values where request.filter.room?.allows(room: row.roomID) ?? true {
            try add(row, accountData: accountData[row.roomID] ?? [], to: &response.rooms)
        }
        return response
    }

    private func add(
        _ row: MembershipRow, accountData: [(type: String, content: [UInt8])], to rooms: inout SyncResponse.Rooms
    ) throws {
        switch row.membership {
        case "join":
            let room = try joined(row, accountData: accountData)
            if isInitial || request.fullState || !room.isEmpty { rooms.join[row.roomID] = room }
        case "invite" where row.position > since:
            rooms.invite[row.roomID] = .init(inviteState: .init(events: try stripped(row)))
        case "knock" where row.position > since:
            rooms.knock[row.roomID] = .init(knockState: .init(events: try stripped(row)))
        case "leave", "ban":
            let isNew = !isInitial && row.position > since
            if isNew || (isInitial && request.filter.room?.includeLeave ?? false) { rooms.leave[row.roomID] = try left(row) }
        default: break
        }
    }

    private func stripped(_ row: MembershipRow) throws -> [RawJSON] {
        guard let bytes = row.strippedState else { return [] }
        return try JSON(parsing: bytes).array?.map { RawJSON($0) } ?? []
    }

    private func joined(_ row: MembershipRow, accountData: [(type: String, content: [UInt8])]) throws -> SyncResponse.JoinedRoom {
        let history = try EventsTable.membershipHistory(of: request.userID, room: row.roomID, in: tx)
        // Who left and came back since then knows the room as it was.
        let isNew = isInitial || history.membership(at: since) != "join"
        let low = isNew ? 0 : since
        var room = SyncResponse.JoinedRoom()
        if try isNew || request.fullState || MembershipsTable.changed(in: row.roomID, above: since, tx) {
            room.summary = try summary(row.roomID)
        }
        let timeline = try read(row.roomID, history, above: low, through: position, isNew: isNew)
        room.timeline = try rendered(timeline, history)
        // What the client has of its time in the room before does not join on to this.
        if isNew && !isInitial && history.hadJoined(by: since) { room.timeline.limited = true }
        let state = try StateReader(request: request, roomID: row.roomID, heroes: room.summary.heroes ?? [], tx: tx)
            .state(of: timeline, above: isNew || request.fullState ? nil : since, through: position)
        room.setState(try state.map { try render($0) }, isAfter: request.usesStateAfter)
        room.ephemeral.events = try ephemeral(row.roomID, above: low)
        let data = isNew && !isInitial ? try AccountDataTable.room(row.roomID, of: request.userID, in: tx) : accountData
        room.accountData.events = events(data, request.filter.room?.accountData, room: row.roomID)
        return room
    }

    /// The room up to the user's leaving it.
    private func left(_ row: MembershipRow) throws -> SyncResponse.LeftRoom {
        let history = try EventsTable.membershipHistory(of: request.userID, room: row.roomID, in: tx)
        let isNew = isInitial || history.membership(at: since) != "join"
        var room = SyncResponse.LeftRoom()
        let timeline = try read(row.roomID, history, above: since, through: row.position, isNew: isNew)
        room.timeline = try rendered(timeline, history)
        guard history.hadJoined(by: row.position) else {
            room.setState([], isAfter: request.usesStateAfter)
            return room
        }
        let state = try StateReader(request: request, roomID: row.roomID, heroes: [], tx: tx)
            .state(of: timeline, above: isNew ? nil : since, through: row.position)
        room.setState(try state.map { try render($0) }, isAfter: request.usesStateAfter)
        return room
    }

    private func read(
        _ roomID: String, _ history: MembershipHistory, above low: Int64, through high: Int64, isNew: Bool
    ) throws -> TimelineReader.Timeline {
        try TimelineReader(
            filter: request.filter.room?.timeline, limit: request.timelineLimit(isNew: isNew), userID: request.userID
        ).read(room: roomID, history: history, above: low, through: high, in: tx)
    }

    private func rendered(_ timeline: TimelineReader.Timeline, _ history: MembershipHistory) throws -> SyncResponse.Timeline {
        // An initial sync that has a room from its beginning leaves nothing to page back to. Synapse's token then stands at
        // the end, and clients (and SyTest) page back from it over what they have; so does ours.
        let start = isInitial && !timeline.limited ? position : timeline.start
        return SyncResponse.Timeline(
            events: try timeline.events.map { try render($0, membership: history.membership(at: $0.position)) },
            limited: timeline.limited, prevBatch: SyncToken(position: start).description)
    }

    private func summary(_ roomID: String) throws -> SyncResponse.Summary {
        let counts = try RoomsTable.counts(roomID, in: tx)
        return SyncResponse.Summary(
            heroes: try MembershipsTable.heroes(room: roomID, without: request.userID, in: tx), joined: counts.joined,
            invited: counts.invited)
    }

    private func ephemeral(_ roomID: String, above low: Int64) throws -> [RawJSON] {
        let filter = request.filter.room?.ephemeral
        guard filter?.allows(room: roomID) ?? true else { return [] }
        var events: [RawJSON] = []
        if filter?.allows(type: "m.receipt") ?? true {
            let receipts = try ReceiptsTable.receipts(room: roomID, for: request.userID, above: low, in: tx)
            if !receipts.isEmpty { events.append(receiptEvent(receipts)) }
        }
        if filter?.allows(type: "m.typing") ?? true, let users = try TypingTable.changed(room: roomID, above: low, in: tx),
            low > 0 || !users.isEmpty
        {
            events.append(RawJSON(JSON.object(["type": "m.typing", "content": ["user_ids": .array(users.map { .string($0) })]])))
        }
        return events
    }

    private func events(
        _ data: [(type: String, content: [UInt8])]?, _ filter: EventFilter?, room roomID: String? = nil
    ) -> [RawJSON] {
        if let roomID, let filter, !filter.allows(room: roomID) { return [] }
        return (data ?? []).filter { filter?.allows(type: $0.type) ?? true }.compactMap { type, content in
            (try? JSON(parsing: content)).map { RawJSON(JSON.object(["type": .string(type), "content": $0])) }
        }
    }
}

/// `m.receipt`: by event, by kind, by user.
/// [Receipts](https://spec.matrix.org/v1.19/client-server-api/#mreceipt)
func receiptEvent(_ receipts: [Receipt]) -> RawJSON {
    var content: JSONObject = [:]
    for receipt in receipts {
        var data: JSONObject = ["ts": .integer(receipt.timestamp)]
        if let thread = receipt.threadID { data["thread_id"] = .string(thread) }
        var byType = content[receipt.eventID]?.object ?? [:]
        var byUser = byType[receipt.type]?.object ?? [:]
        byUser[receipt.userID] = .object(data)
        byType[receipt.type] = .object(byUser)
        content[receipt.eventID] = .object(byType)
    }
    return RawJSON(JSON.object(["type": "m.receipt", "content": .object(content)]))
}
