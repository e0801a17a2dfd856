import Matrix
import SQL
import Topics

/// Reads what happened above a position, the oldest first.
struct EventStreamReader {
    struct Question: Sendable {
        var userID: String
        var deviceID: String?
        /// Nil: the rooms of the user.
        var roomID: String?
        /// Nil: what happens from now on.
        var from: Int64?
        var limit: Int
    }

    struct Look: Sendable {
        var events: [RawJSON]
        var end: Int64
        /// Whether there was no room for more.
        var isFull: Bool
        /// What to wait for where that is nothing.
        var interest: Notifier.Interest
    }

    let question: Question
    let tellsPresence: Bool
    let tx: Transaction

    /// Errors: M_FORBIDDEN (a room that the user may not see), M_INVALID_PARAM (a token of the future).
    func look(from low: Int64, at position: Int64) throws -> Look {
        guard low <= position else { throw MatrixError.invalidParam("from is not a token of this server") }
        let ignoring = try IgnoredUsers.ahead(of: question.userID, in: tx)
        let (spans, histories, rooms) = try stretches(from: low, at: position)
        let interest = Notifier.Interest(userID: question.userID, roomIDs: rooms, seen: position)
        var found = try EventsTable.oldest(of: spans, limit: question.limit + 1, in: tx)
        let isWhole = found.count <= question.limit
        if !isWhole { found.removeLast(found.count - question.limit) }
        let end = isWhole ? position : found.last?.position ?? position
        let render = EventRendering(
            userID: question.userID, deviceID: question.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil)
        let ignored = try ignoring()
        let visible = found.filter { ignored.allows($0) && histories[$0.roomID]?.allows($0, to: question.userID) ?? false }
        var events = try visible.erased(for: histories, in: tx)
            .map { OldFormat.event(try render($0, membership: histories[$0.roomID]?.membership(at: $0.position))) }
        // What has no place among them comes with the last of them.
        if isWhole { events += try others(spans, above: low, at: position) }
        return Look(events: events, end: end, isFull: !isWhole, interest: interest)
    }

    /// The stretches in which something may be to be told, how the user's memberships went, and the rooms that may bring more.
    private func stretches(
        from low: Int64, at position: Int64
    ) throws -> ([RoomSpan], [String: MembershipHistory], rooms: Set<String>) {
        if let roomID = question.roomID {
            let view = try RoomView(of: question.userID, to: roomID, at: position, in: tx)
            return ([RoomSpan(roomID: roomID, low: low, high: view.last)], [roomID: view.history], [roomID])
        }
        let rows = try MembershipsTable.changed(of: question.userID, above: low, in: tx)
        let spans = rows.map {
            RoomSpan(roomID: $0.roomID, low: low, high: $0.membership == "join" ? position : $0.position)
        }.filter { $0.low < $0.high }
        return (
            spans, try EventsTable.membershipHistories(of: question.userID, rooms: spans.map(\.roomID), in: tx),
            try MembershipsTable.joinedRooms(of: question.userID, in: tx)
        )
    }

    /// Receipts, typing, the user's own data, and presence, unless the user has left the room that is named.
    private func others(_ spans: [RoomSpan], above low: Int64, at position: Int64) throws -> [RawJSON] {
        var events: [RawJSON] = []
        for (roomID, receipts) in try ReceiptsTable.receipts(spans, for: question.userID, in: tx) {
            events += receiptEvents(receipts).map { OldFormat.event($0, room: roomID) }
        }
        for (roomID, users) in try TypingTable.changed(spans, in: tx) {
            events.append(OldFormat.event(typingEvent(users), room: roomID))
        }
        for (roomID, data) in try AccountDataTable.changed(of: question.userID, above: low, in: tx)
        where question.roomID == nil || question.roomID == roomID {
            events += data.map { OldFormat.event(accountDataEvent($0.type, $0.content), room: roomID.isEmpty ? nil : roomID) }
        }
        let mayLook = question.roomID == nil || spans.contains { $0.high == position }
        return mayLook ? try events + presences(above: low) : events
    }

    /// Of those whom the user shares a room with; where one room is named, of its members.
    private func presences(above low: Int64) throws -> [RawJSON] {
        guard tellsPresence else { return [] }
        let rows = if let roomID = question.roomID {
            try PresenceTable.changed(in: roomID, above: low, in: tx)
        } else {
            try PresenceTable.changed(for: question.userID, above: low, withOffline: true, in: tx)
        }
        return rows.map { OldFormat.presence($0.event(now: .millisecondsSince1970)) }
    }
}
