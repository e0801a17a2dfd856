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
        /// The state that was left out, the oldest first.
        var hidden: [StoredEvent] = []
    }

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach = 20

    func read(
        room roomID: String, history: MembershipHistory, above low: Int64, through high: Int64, in tx: Transaction
    ) throws -> Timeline {
        var timeline = Timeline(events: [], limited: false, start: high)
        guard filter?.allows(room: roomID) ?? true else { return timeline }
        var looked = 0
        while true {
            let page = max(limit + 1 - timeline.events.count, 10)
            let events = try EventsTable.backward(room: roomID, above: low, through: timeline.start, limit: page, in: tx)
            for event in events {
                let isShown = history.allows(event, to: userID) && (filter?.allows(event) ?? true)
                looked += 1
                if isShown && timeline.events.count >= limit || looked > (limit + 1) * Self.reach {
                    timeline.limited = true
                    return timeline.oldestFirst()
                }
                if isShown { timeline.events.append(event) } else if event.isCurrentState { timeline.hidden.append(event) }
                timeline.start = event.position - 1
            }
            if events.count < page {
                timeline.start = low
                return timeline.oldestFirst()
            }
        }
    }
}

extension TimelineReader.Timeline {
    fileprivate func oldestFirst() -> Self {
        Self(events: events.reversed(), limited: limited, start: start, hidden: hidden.reversed())
    }
}
