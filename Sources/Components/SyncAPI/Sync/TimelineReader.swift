import SQL

/// Reads the timelines of rooms: what all of them need in one statement, and again for those of which too little is shown.
struct TimelineReader {
    let request: SyncRequest
    let ignored: IgnoredUsers
    let tx: Transaction

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach = 20

    func read(_ sections: inout [RoomSection]) throws {
        let filter = request.filter.room?.timeline
        var readings: [(index: Int, reading: TimelineReading)] = sections.indices
            .filter { filter?.allows(room: sections[$0].roomID) ?? true }
            .map { ($0, TimelineReading(sections[$0], request, ignored, reach: Self.reach)) }
        while !readings.isEmpty {
            let page = readings.map(\.reading.page).max() ?? 0
            let events = try EventsTable.newest(of: readings.map(\.reading.span), limit: page, in: tx)
            let present = try CurrentStateTable.holding(
                readings.flatMap { place, reading in reading.unseen(events[sections[place].roomID] ?? []) }, in: tx)
            for place in readings.indices {
                let roomID = sections[readings[place].index].roomID
                readings[place].reading.take(events[roomID] ?? [], page: page, present: present)
                if readings[place].reading.isComplete { sections[readings[place].index].timeline = readings[place].reading.timeline }
            }
            readings.removeAll { $0.reading.isComplete }
        }
    }
}

/// One room's timeline while it is read, from the newest event back.
private struct TimelineReading {
    private let history: MembershipHistory
    private let filter: EventFilter?
    private let ignored: IgnoredUsers
    private let userID: String
    private let limit: Int
    private let mostLooked: Int
    private let low: Int64
    private let roomID: String
    private let isJoined: Bool
    private var looked = 0
    private var found: RoomSection.Timeline
    private(set) var isComplete = false

    init(_ section: RoomSection, _ request: SyncRequest, _ ignored: IgnoredUsers, reach: Int) {
        self.ignored = ignored
        history = section.history
        filter = request.filter.room?.timeline
        userID = request.userID
        limit = request.timelineLimit(isNew: section.isNew)
        mostLooked = (limit + 1) * reach
        low = section.low
        roomID = section.roomID
        isJoined = section.isJoined
        found = RoomSection.Timeline(start: section.high)
    }

    /// How many events to read next.
    var page: Int { max(limit + 1 - found.events.count, 10) }

    var span: RoomSpan { RoomSpan(roomID: roomID, low: low, high: found.start) }

    var timeline: RoomSection.Timeline {
        var timeline = found
        timeline.events.reverse()
        timeline.hidden.reverse()
        return timeline
    }

    /// Those of the events that a member sees only if they are the state of the room to this day.
    func unseen(_ events: [StoredEvent]) -> [StoredEvent] {
        isJoined ? events.filter { $0.isCurrentState && $0.slot != nil && !history.allows($0, to: userID) } : []
    }

    /// Goes on with the next events, the newest first; fewer than a page are all that there are.
    /// - Parameter present: the positions of those that are the state of the room to this day.
    mutating func take(_ events: [StoredEvent], page: Int, present: Set<Int64>) {
        for event in events {
            let isVisible = history.allows(event, to: userID) || present.contains(event.position)
            let isShown = isVisible && ignored.allows(event) && (filter?.allows(event) ?? true)
            looked += 1
            if isShown && found.events.count >= limit || looked > mostLooked {
                found.limited = true
                isComplete = true
                return
            }
            if isShown { found.events.append(event) } else if event.isCurrentState { found.hidden.append(event) }
            found.start = event.position - 1
        }
        if events.count < page {
            found.start = low
            isComplete = true
        }
    }
}
