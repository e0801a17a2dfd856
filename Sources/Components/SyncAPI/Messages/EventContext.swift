import Matrix
import SQL
import Web

/// Shows what happened around an event.
/// [GET …/rooms/{roomId}/context/{eventId}](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidcontexteventid)
final class EventContext: Sendable {
    private let barrier: Barrier
    /// The most events that are shown beside the one.
    private static let most = 100

    init(barrier: Barrier) { self.barrier = barrier }

    struct Answer: Encodable, Sendable {
        /// From where `/messages` goes on backwards.
        var start: String
        /// From where it goes on forwards.
        var end: String
        var event: RawJSON
        /// The newest first.
        var eventsBefore: [RawJSON]
        var eventsAfter: [RawJSON]
        var state: [RawJSON]

        enum CodingKeys: String, CodingKey {
            case start, end, event, state
            case eventsBefore = "events_before"
            case eventsAfter = "events_after"
        }
    }

    func callAsFunction(_ request: Request) async throws -> Answer {
        let caller = try request.requireCaller()
        let filter = try Filters.events(request.query["filter"])
        let limit = try request.query.integer("limit") ?? filter?.limit ?? 10
        guard limit >= 0 else { throw MatrixError.invalidParam("limit must not be negative") }
        let reader = ContextReader(
            roomID: try request.parameters["roomId"], eventID: try request.parameters["eventId"], userID: caller.userID,
            filter: filter, limit: min(limit, Self.most))
        let heads = try await barrier.heads(toRead: reader.roomID, for: caller.userID)
        return try await barrier.read(upTo: heads) { tx, position in
            var found = try reader.read(at: position, in: tx)
            let erasures = try Erasures(
                among: found.before + [found.event] + found.after + found.state, [reader.roomID: found.history], in: tx)
            found.replaceAll { erasures($0) }
            let render = try EventRendering(
                userID: caller.userID, deviceID: caller.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil
            ).bundling(found.before + [found.event] + found.after, [reader.roomID: found.history], in: tx)
            func shown(_ event: StoredEvent) throws -> RawJSON {
                try render(event, membership: found.history.membership(at: event.position))
            }
            return Answer(
                start: SyncToken(position: found.start).description, end: SyncToken(position: found.end).description,
                event: try shown(found.event), eventsBefore: try found.before.map(shown), eventsAfter: try found.after.map(shown),
                state: try found.state.map { try render($0) })
        }
    }
}

/// Reads an event and what is around it.
struct ContextReader: Sendable {
    let roomID: String
    let eventID: String
    let userID: String
    let filter: EventFilter?
    /// How many events to show before and after it together.
    let limit: Int

    struct Found {
        var event: StoredEvent
        var before: [StoredEvent]
        var after: [StoredEvent]
        var state: [StoredEvent]
        var start: Int64
        var end: Int64
        var history: MembershipHistory

        mutating func replaceAll(_ shown: (StoredEvent) -> StoredEvent) {
            event = shown(event)
            (before, after, state) = (before.map(shown), after.map(shown), state.map(shown))
        }
    }

    /// Errors: M_FORBIDDEN (nothing of the room), M_NOT_FOUND (no such event, or none that the user may see).
    func read(at position: Int64, in tx: Transaction) throws -> Found {
        let ignoring = try IgnoredUsers.ahead(of: userID, in: tx)
        let view = try RoomView(of: userID, to: roomID, at: position, in: tx)
        guard !eventID.utf8.contains(0), let event = try EventsTable.event(eventID, room: roomID, in: tx),
            event.position <= view.last, view.history.allows(event, to: userID)
        else { throw MatrixError.notFound("There is no such event in this room, or none that you may see") }
        let ignored = try ignoring()
        let before = try walk(.backward, from: event.position - 1, limit / 2, ignored, tx).page(view)
        let after = try walk(.forward, from: event.position, limit - limit / 2, ignored, tx).page(view)
        let last = after.events.last ?? event
        return Found(
            event: event, before: before.events, after: after.events,
            state: try state(at: last.position, sentBy: before.events + [event] + after.events, tx),
            start: before.end ?? event.position - 1, end: after.end ?? event.position, history: view.history)
    }

    private func walk(
        _ direction: PageReader.Question.Direction, from position: Int64, _ limit: Int, _ ignored: IgnoredUsers, _ tx: Transaction
    ) -> PageWalk {
        let question = PageReader.Question(
            roomID: roomID, userID: userID, direction: direction, from: position, filter: filter, limit: limit)
        return PageWalk(question: question, ignored: ignored, tx: tx)
    }

    /// The room's state at a position; where members are loaded lazily, only those of who sent what is shown.
    private func state(at position: Int64, sentBy events: [StoredEvent], _ tx: Transaction) throws -> [StoredEvent] {
        let span = RoomSpan(roomID: roomID, low: 0, high: position), isLazy = filter?.lazyLoadMembers ?? false
        var state = try EventsTable.state([span], withMembers: !isLazy, in: tx)[roomID] ?? []
        if let filter { state.removeAll { !filter.allows($0) } }
        guard isLazy else { return state }
        let members = Set(events.map(\.sender)).sorted().map { MemberSpan(userID: $0, span: span) }
        return state + (try EventsTable.members(members, in: tx)[roomID] ?? [])
    }
}
