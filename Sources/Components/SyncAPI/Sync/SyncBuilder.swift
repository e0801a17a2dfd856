import Matrix
import SQL

/// Builds the answer to a `/sync` from one snapshot of the projection, with as many statements for hundreds of rooms as for one.
struct SyncBuilder {
    let request: SyncRequest
    /// The snapshot's position.
    let position: Int64
    let tx: Transaction
    private let render: EventRendering

    /// So many rooms are read at once.
    private static let together = 500

    private let now: Int64
    private typealias AccountData = [String: [(type: String, content: [UInt8])]]

    init(_ request: SyncRequest, position: Int64, now: Int64, in tx: Transaction) {
        self.request = request
        self.position = position
        self.tx = tx
        self.now = now
        render = EventRendering(request, now: now)
    }

    private var since: Int64 { request.since ?? 0 }
    private var isInitial: Bool { request.since == nil }

    func response() throws -> SyncResponse { try answer().response }

    /// The answer, and whom the user ignores.
    func answer() throws -> (response: SyncResponse, ignored: IgnoredUsers) {
        var response = SyncResponse(nextBatch: SyncToken(position: position, mark: request.mark).description)
        let ignoring = try IgnoredUsers.ahead(of: request.userID, in: tx)
        let accountData = try AccountDataTable.changed(of: request.userID, above: since, in: tx)
        let ignored = try ignoring()
        response.accountData.events = events(accountData[""], request.filter.accountData)
        let rows = try memberships(withDataIn: accountData.keys.filter { !$0.isEmpty })
        for row in rows where row.position > since {
            switch row.membership {
            case "invite":
                let state = try stripped(row)
                guard ignored.allowsInvite(state, of: request.userID) else { continue }
                response.rooms.invite[row.roomID] = .init(inviteState: .init(events: state))
            case "knock": response.rooms.knock[row.roomID] = .init(knockState: .init(events: try stripped(row)))
            default: break
            }
        }
        let shown = rows.filter(isShownWhole)
        var meetings = PresenceReader.Meetings()
        for start in stride(from: 0, to: shown.count, by: Self.together) {
            try add(Array(shown[start..<min(start + Self.together, shown.count)]), accountData, ignored, to: &response, &meetings)
        }
        response.presence.events = try PresenceReader(request: request, now: now, tx: tx).read(meetings)
        return (response, ignored)
    }

    /// The rooms that there may be something to say of.
    private func memberships(withDataIn dataRooms: [String]) throws -> [MembershipRow] {
        var rows = try isInitial || request.fullState
            ? MembershipsTable.all(of: request.userID, in: tx)
            : MembershipsTable.changed(of: request.userID, above: since, in: tx)
        let others = Set(dataRooms).subtracting(rows.map(\.roomID))
        rows += try MembershipsTable.memberships(of: request.userID, rooms: Array(others), in: tx)
        return rows.filter { request.filter.room?.allows(room: $0.roomID) ?? true }
    }

    /// Rooms that the user is in, or has left since; in an initial sync, wherever the client wants those as well.
    private func isShownWhole(_ row: MembershipRow) -> Bool {
        switch row.membership {
        case "join": true
        case "leave", "ban": isInitial ? request.filter.room?.includeLeave ?? false : row.position > since
        default: false
        }
    }

    private func stripped(_ row: MembershipRow) throws -> [RawJSON] {
        guard let bytes = row.strippedState else { return [] }
        return try JSON(parsing: bytes).array?.map { RawJSON($0) } ?? []
    }

    private func add(
        _ rows: [MembershipRow], _ accountData: AccountData, _ ignored: IgnoredUsers, to response: inout SyncResponse,
        _ meetings: inout PresenceReader.Meetings
    ) throws {
        guard !rows.isEmpty else { return }
        let histories = try EventsTable.membershipHistories(of: request.userID, rooms: rows.map(\.roomID), in: tx)
        var sections = rows.map { row in
            RoomSection(row, histories[row.roomID] ?? MembershipHistory(steps: []), request: request, position: position)
        }
        try summarize(&sections, &meetings)
        try TimelineReader(request: request, ignored: ignored, tx: tx).read(&sections)
        for index in sections.indices where sections[index].isJoined && sections[index].isNew && !isInitial {
            // What is not from the room's beginning on joins on to nothing that the client has, nor does anything to what it has of
            // an earlier time there.
            let isWhole = sections[index].timeline.events.first?.type == "m.room.create"
            if !isWhole || sections[index].history.hadJoined(by: since) { sections[index].timeline.limited = true }
        }
        try StateReader(request: request, tx: tx).read(&sections)
        try erase(in: &sections)
        let joined = sections.filter(\.isJoined)
        let ephemeral = try EphemeralReader(request: request, tx: tx).read(joined)
        var accountData = accountData
        if !isInitial {
            let new = sections.filter(\.isNew).map(\.roomID)
            accountData.merge(try AccountDataTable.data(of: request.userID, rooms: new, in: tx)) { $1 }
        }
        let render = try bundling(sections)
        let unread = try UnreadReader(userID: request.userID, tx: tx).read(
            Dictionary(joined.map { ($0.roomID, $0.history) }) { $1 }, through: position)
        for section in sections where !section.isJoined {
            var room = try left(section, render)
            room.accountData.events = events(
                accountData[section.roomID], request.filter.room?.accountData, room: section.roomID)
            response.rooms.leave[section.roomID] = room
        }
        if request.known != nil {
            for section in sections { response.toldMembers[section.roomID] = section.members }
        }
        for section in joined {
            var room = try self.joined(section, render)
            room.ephemeral.events = ephemeral[section.roomID] ?? []
            room.setUnread(unread[section.roomID] ?? UnreadCounts(), request)
            room.accountData.events = events(
                accountData[section.roomID], request.filter.room?.accountData, room: section.roomID)
            if isInitial || request.fullState || !room.isEmpty { response.rooms.join[section.roomID] = room }
        }
    }

    /// Puts what is shown of erased users' events in place of these.
    private func erase(in sections: inout [RoomSection]) throws {
        let erasures = try Erasures(
            among: sections.flatMap { $0.timeline.events + $0.state },
            Dictionary(sections.map { ($0.roomID, $0.history) }) { $1 }, in: tx)
        if erasures.isEmpty { return }
        for index in sections.indices {
            sections[index].timeline.events = sections[index].timeline.events.map { erasures($0) }
            sections[index].state = sections[index].state.map { erasures($0) }
        }
    }

    /// What is related to events is told with them where not everything that happened is told.
    private func bundling(_ sections: [RoomSection]) throws -> EventRendering {
        let limited = sections.filter(\.timeline.limited)
        return try render.bundling(
            limited.flatMap(\.timeline.events), Dictionary(limited.map { ($0.roomID, $0.history) }) { $1 }, in: tx)
    }

    /// Says who is in the rooms where that is news to the client.
    private func summarize(_ sections: inout [RoomSection], _ meetings: inout PresenceReader.Meetings) throws {
        let followed = sections.filter { $0.isJoined && !$0.isNew && !request.fullState }.map(\.roomID)
        let unchanged = Set(followed).subtracting(try MembershipsTable.changed(in: followed, above: since, tx))
        meetings.rooms += sections.filter { $0.isJoined && $0.isNew }.map(\.roomID)
        meetings.changed += followed.filter { !unchanged.contains($0) }
        let names = try EventsTable.names(of: sections.filter(\.isJoined).map(\.roomID), above: since, in: tx)
        let rooms = sections.filter { $0.isJoined && (!unchanged.contains($0.roomID) || names.changed.contains($0.roomID)) }
            .map(\.roomID)
        let counts = try RoomsTable.counts(rooms, in: tx)
        let heroes = try MembershipsTable.heroes(rooms: rooms.filter { !names.named.contains($0) }, without: request.userID, in: tx)
        for index in sections.indices {
            guard let counts = counts[sections[index].roomID] else { continue }
            sections[index].summary = SyncResponse.Summary(
                heroes: names.named.contains(sections[index].roomID) ? nil : heroes[sections[index].roomID] ?? [], joined: counts.joined, invited: counts.invited)
        }
    }

    private func joined(_ section: RoomSection, _ render: EventRendering) throws -> SyncResponse.JoinedRoom {
        var room = SyncResponse.JoinedRoom()
        room.summary = section.summary
        room.timeline = try rendered(section, render)
        room.setState(try section.state.map { try render($0) }, isAfter: request.usesStateAfter)
        return room
    }

    /// The room up to the user's leaving it; of one that the user never was in, that they cannot be any more.
    private func left(_ section: RoomSection, _ render: EventRendering) throws -> SyncResponse.LeftRoom {
        var room = SyncResponse.LeftRoom()
        room.timeline = try rendered(section, render)
        let state = section.history.hadJoined(by: section.row.position) ? section.state : []
        room.setState(try state.map { try render($0) }, isAfter: request.usesStateAfter)
        return room
    }

    private func rendered(_ section: RoomSection, _ render: EventRendering) throws -> SyncResponse.Timeline {
        let timeline = section.timeline
        // An initial sync that has a room from its beginning leaves nothing to page back to. Synapse's token then stands at
        // the end, and clients (and SyTest) page back from it over what they have; so does ours.
        let start = isInitial && !timeline.limited ? position : timeline.start
        return SyncResponse.Timeline(
            events: try timeline.events.map { try render($0, membership: section.history.membership(at: $0.position)) },
            limited: timeline.limited, prevBatch: SyncToken(position: start).description)
    }

    private func events(
        _ data: [(type: String, content: [UInt8])]?, _ filter: EventFilter?, room roomID: String? = nil
    ) -> [RawJSON] {
        if let roomID, let filter, !filter.allows(room: roomID) { return [] }
        return (data ?? []).filter { filter?.allows(type: $0.type) ?? true }.map { accountDataEvent($0.type, $0.content) }
    }
}
