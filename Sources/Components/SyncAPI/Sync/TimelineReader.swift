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
        /// Everything above this position is in `events`, or was left out by the filter or for the user may not see it.
        var start: Int64
    }

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach = 20

    func read(
        room roomID: String, history: MembershipHistory, above low: Int64, through high: Int64, in tx: Transaction
    ) throws -> Timeline {
        guard filter?.allows(room: roomID) ?? true else { return Timeline(events: [], limited: false, start: low) }
        var found: [StoredEvent] = [], start = high, looked = 0
        while true {
            let page = max(limit + 1 - found.count, 10)
            let events = try EventsTable.backward(room: roomID, above: low, through: start, limit: page, in: tx)
            for event in events {
                let isShown = history.allows(event, to: userID) && (filter?.allows(event) ?? true)
                looked += 1
                if isShown && found.count >= limit || looked > (limit + 1) * Self.reach {
                    return Timeline(events: found.reversed(), limited: true, start: start)
                }
                if isShown { found.append(event) }
                start = event.position - 1
            }
            if events.count < page { return Timeline(events: found.reversed(), limited: false, start: low) }
        }
    }
}
