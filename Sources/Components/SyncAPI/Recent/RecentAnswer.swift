import Matrix

/// The answer to an incremental sync from what happened lately, where that is enough to tell: to members who neither came nor
/// went, of rooms where nobody did.
struct RecentAnswer {
    let request: SyncRequest
    let ignored: IgnoredUsers
    let since: Int64
    /// Up to which all that happened is at hand.
    let position: Int64
    /// The rooms that the user is in and where something happened.
    let rooms: [String: RecentRoom]
    /// Whose presence changed, of those whom the user may see.
    let presences: [PresenceRow]

    /// Nil: the database has to be asked.
    func response() -> SyncResponse? {
        guard request.filter.eventFormat != .federation else { return nil }
        var response = SyncResponse(nextBatch: SyncToken(position: position, mark: request.mark).description)
        let now = Int64.millisecondsSince1970
        let render = EventRendering(request, now: now)
        response.presence.events = request.presence(presences, now: now)
        for (roomID, room) in rooms where request.filter.room?.allows(room: roomID) ?? true {
            guard let shown = joined(room, roomID, render, &response.toldMembers) else { return nil }
            if !shown.isEmpty { response.rooms.join[roomID] = shown }
        }
        return response
    }

    private func joined(
        _ room: RecentRoom, _ roomID: String, _ render: EventRendering, _ told: inout [String: Set<String>]
    ) -> SyncResponse.JoinedRoom? {
        guard since >= room.plainAbove else { return nil }
        var shown = SyncResponse.JoinedRoom()
        var timeline: [RecentEvent] = []
        if request.filter.room?.timeline?.allows(room: roomID) ?? true {
            let events = room.events.drop { $0.stored.position <= since }.filter { ignored.allows($0.stored) }
            timeline = events.filter { request.filter.room?.timeline?.allows($0.stored) ?? true }
            // State that is not in the timeline is told beside it.
            let isWhole = timeline.count == events.count || !events.contains { $0.stored.slot != nil }
            guard isWhole, timeline.count <= request.timelineLimit(isNew: false) else { return nil }
        } else if room.events.contains(where: { $0.stored.position > since && $0.stored.slot != nil }) {
            return nil
        }
        if request.usesStateAfter, timeline.contains(where: { $0.stored.slot != nil }) { return nil }
        shown.timeline.events = timeline.map { render($0.client, of: $0.stored, membership: "join") }
        shown.timeline.prevBatch = SyncToken(position: since).description
        var state: [RawJSON] = []
        if request.lazyLoadsMembers {
            guard let members = members(of: timeline, in: room, roomID) else { return nil }
            told[roomID] = Set(members.compactMap(\.stored.stateKey))
            state = members.map { render($0.client, of: $0.stored) }
        }
        shown.setState(state, isAfter: request.usesStateAfter)
        shown.ephemeral.events = ephemeral(room, roomID)
        return shown
    }

    /// The member events of who sent what is shown, but for those that the client has; nil where one is not at hand.
    private func members(of timeline: [RecentEvent], in room: RecentRoom, _ roomID: String) -> [RecentEvent]? {
        let senders = Set(timeline.map(\.stored.sender)).filter { !(request.known?.contains($0, in: roomID) ?? false) }
        let members = senders.compactMap { room.members[$0] }
        guard members.count == senders.count else { return nil }
        return members.filter { request.filter.room?.state?.allows($0.stored) ?? true }
            .sorted { $0.stored.position < $1.stored.position }
    }

    private func ephemeral(_ room: RecentRoom, _ roomID: String) -> [RawJSON] {
        let filter = request.filter.room?.ephemeral
        guard filter?.allows(room: roomID) ?? true else { return [] }
        var events: [RawJSON] = []
        let receipts = room.receipts.filter {
            $0.position > since && (!$0.receipt.isPrivate || $0.receipt.userID == request.userID)
        }
        if !receipts.isEmpty, filter?.allows(type: "m.receipt") ?? true { events += receiptEvents(receipts.map(\.receipt)) }
        if let typing = room.typing, typing.position > since, filter?.allows(type: "m.typing") ?? true {
            events.append(typingEvent(typing.users))
        }
        return events
    }
}
