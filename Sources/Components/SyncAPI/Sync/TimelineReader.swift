import SQL

/// Reads the newest events of a room that a user may and wants to see.
struct TimelineReader {
    let filter: EventFilter?
    let limit: Int
    let userID: String

    struct Timeline: Sendable {
        /// The oldest first.
        var events: [StoredEvent]
        /// Whether there are more, above where it was to begin.
        var limited: Bool
        /// Everything above this position is in `events`, or was left out by the filter.
        var start: Int64
    }

    /// How many events are looked at, at the most, for one that the filter lets through.
    private static let reach = 20

    func read(room roomID: String, above low: Int64, through high: Int64, in tx: Transaction) throws -> Timeline {
        guard filter?.allows(room: roomID) ?? true else { return Timeline(events: [], limited: false, start: high) }
        var found: [StoredEvent] = [], start = high, limited = false
        var history: MembershipHistory?
        var looked = 0
        search: while true {
            let page = max(limit + 1 - found.count, 10)
            let events = try EventsTable.backward(room: roomID, above: low, through: start, limit: page, in: tx)
            for event in events {
                if history == nil { history = try EventsTable.membershipHistory(of: userID, room: roomID, in: tx) }
                looked += 1
                guard history?.allows(event, to: userID) ?? false, filter?.allows(event) ?? true else {
                    start = event.position - 1
                    continue
                }
                if found.count >= limit || looked > (limit + 1) * Self.reach {
                    limited = true
                    break search
                }
                found.append(event)
                start = event.position - 1
            }
            if events.count < page { break }
        }
        return Timeline(events: found.reversed(), limited: limited, start: limited ? start : max(low, min(start, high)))
    }
}
