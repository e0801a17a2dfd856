import Matrix
import SQL

/// Reads a page of what a user may see of a room. A token means the place between the event at its position and the next.
struct PageReader {
    private let roomID: String
    private let userID: String
    private let filter: EventFilter?
    private let limit: Int
    private let history: MembershipHistory
    /// The last position that the user may see.
    private let last: Int64
    private let tx: Transaction

    struct Page: Sendable {
        var events: [StoredEvent]
        var end: Int64?
    }

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach = 50

    /// Errors: M_FORBIDDEN for a user who never was in the room, where it is not world readable.
    init(roomID: String, userID: String, filter: EventFilter?, limit: Int, position: Int64, in tx: Transaction) throws {
        history = try EventsTable.membershipHistories(of: userID, rooms: [roomID], in: tx)[roomID] ?? MembershipHistory(steps: [])
        let isMember = history.membership(at: position) == "join"
        let isReadable = try !isMember && Self.isReadable(roomID, in: tx)
        let wasMember =
            try !isMember && history.steps.contains { $0.membership == "join" }
            && MembershipsTable.membership(of: userID, in: roomID, tx) != nil
        guard isMember || isReadable || wasMember else {
            throw MatrixError.forbidden("You are not a member of this room, and never were")
        }
        last = isMember || isReadable ? position : history.steps.last?.position ?? 0
        (self.roomID, self.userID, self.filter, self.limit, self.tx) = (roomID, userID, filter, limit, tx)
    }

    /// Whether anybody may read the room as it is now.
    private static func isReadable(_ roomID: String, in tx: Transaction) throws -> Bool {
        let visibility: String? = try tx.row("""
            SELECT e.history_visibility FROM syncapi_events e WHERE e.room_id = \(roomID) ORDER BY e.position DESC LIMIT 1
            """, as: String.self)
        return visibility == "world_readable"
    }

    func backward(from: Int64, to: Int64) throws -> Page {
        var high = min(from, last)
        return try page { limit in
            let events = try EventsTable.backward(room: roomID, above: to, through: high, limit: limit, in: tx)
            if let event = events.last { high = event.position - 1 }
            return events
        } end: { $0.position - 1 }
    }

    func forward(from: Int64, to: Int64) throws -> Page {
        var low = from
        return try page { limit in
            let events = try EventsTable.forward(room: roomID, above: low, through: min(to, last), limit: limit, in: tx)
            if let event = events.last { low = event.position }
            return events
        } end: { $0.position }
    }

    /// Reads on until the page is full, there is no more, or more than enough was looked at. Only where nothing at all is
    /// left has the page no end: a client that has got something asks once more.
    private func page(
        read: (_ limit: Int) throws -> [StoredEvent], end: (StoredEvent) -> Int64
    ) throws -> Page {
        var page = Page(events: [], end: nil), looked = 0
        while true {
            let events = try read(limit)
            for event in events {
                looked += 1
                if allows(event) { page.events.append(event) }
                if page.events.count == limit || looked >= limit * Self.reach {
                    page.end = end(event)
                    return page
                }
            }
            if events.count < limit {
                page.end = page.events.last.map(end)
                return page
            }
        }
    }

    /// The user's membership at the time of an event.
    func membership(at event: StoredEvent) -> String { history.membership(at: event.position) }

    private func allows(_ event: StoredEvent) -> Bool {
        history.allows(event, to: userID) && (filter?.allows(event) ?? true)
    }
}
