import Matrix
import SQL

/// Reads a page of what a user may see of a room. A token means the place between the event at its position and the next.
struct PageReader {
    /// What is asked for.
    struct Question: Sendable {
        enum Direction: String { case backward = "b", forward = "f" }

        var roomID: String
        var userID: String
        var direction: Direction
        var from: Int64?
        var to: Int64?
        var filter: EventFilter?
        var limit: Int
    }

    struct Page: Sendable {
        var events: [StoredEvent] = []
        /// Absent at the end of what the user may see.
        var end: Int64?
    }

    private let question: Question
    private let histories: () throws -> [String: MembershipHistory]
    private let first: () throws -> [StoredEvent]
    private let tx: Transaction

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach = 50

    /// Asks for what a member needs, with the next statement that is waited for: where nobody may see it, it is not looked at.
    init(_ question: Question, in tx: Transaction) throws {
        (self.question, self.tx) = (question, tx)
        histories = try EventsTable.membershipHistoriesAhead(of: question.userID, rooms: [question.roomID], in: tx)
        first = try Self.events(of: question, Self.span(of: question, last: .max), in: tx)
    }

    /// The page, and how the user's membership went.
    ///
    /// Errors: M_FORBIDDEN for a user who never was in the room, where it is not world readable.
    /// - Parameter position: the snapshot's.
    func read(at position: Int64) throws -> (page: Page, history: MembershipHistory) {
        let history = try histories()[question.roomID] ?? MembershipHistory(steps: [])
        if history.membership(at: position) == "join" { return (try page(history, last: position, first: first()), history) }
        let isReadable = try isReadable()
        let wasMember =
            try history.steps.contains { $0.membership == "join" }
            && MembershipsTable.membership(of: question.userID, in: question.roomID, tx) != nil
        guard isReadable || wasMember else {
            throw MatrixError.forbidden("You are not a member of this room, and never were")
        }
        return (try page(history, last: isReadable ? position : history.steps.last?.position ?? 0), history)
    }

    /// Whether anybody may read the room as it is now.
    private func isReadable() throws -> Bool {
        let visibility: String? = try tx.row("""
            SELECT e.history_visibility FROM syncapi_events e
            WHERE e.room_id = \(question.roomID) ORDER BY e.position DESC LIMIT 1
            """, as: String.self)
        return visibility == "world_readable"
    }

    /// Reads on until the page is full, there is no more, or more than enough was looked at. Only where nothing at all is
    /// left has the page no end: a client that has got something asks once more.
    /// - Parameters:
    ///   - last: the last position that the user may see.
    ///   - first: the first events of the stretch, where they are here already.
    private func page(_ history: MembershipHistory, last: Int64, first: [StoredEvent]? = nil) throws -> Page {
        var page = Page(), looked = 0, span = Self.span(of: question, last: last), read = first
        while true {
            let events = try read ?? Self.events(of: question, span, in: tx)()
            read = nil
            for event in events {
                looked += 1
                if history.allows(event, to: question.userID), question.filter?.allows(event) ?? true { page.events.append(event) }
                if page.events.count == question.limit || looked >= question.limit * Self.reach {
                    page.end = end(at: event)
                    return page
                }
            }
            guard let event = events.last, events.count == question.limit else {
                page.end = page.events.last.map(end)
                return page
            }
            switch question.direction {
            case .backward: span.high = event.position - 1
            case .forward: span.low = event.position
            }
        }
    }

    private func end(at event: StoredEvent) -> Int64 {
        question.direction == .backward ? event.position - 1 : event.position
    }

    private static func span(of question: Question, last: Int64) -> RoomSpan {
        switch question.direction {
        case .backward: RoomSpan(roomID: question.roomID, low: question.to ?? 0, high: min(question.from ?? .max, last))
        case .forward: RoomSpan(roomID: question.roomID, low: question.from ?? 0, high: min(question.to ?? .max, last))
        }
    }

    private static func events(of question: Question, _ span: RoomSpan, in tx: Transaction) throws -> () throws -> [StoredEvent] {
        try EventsTable.ahead(of: span, newestFirst: question.direction == .backward, limit: question.limit, in: tx)
    }
}
