import RoomRules
import SQL

/// The state that a client needs beside a timeline.
struct StateReader {
    let request: SyncRequest
    let roomID: String
    /// Members to show in any case, when members are loaded lazily.
    let heroes: [String]
    let tx: Transaction

    /// What changed between a position (nil: everything) and the timeline's start; with `use_state_after`, its end. What
    /// changed within the timeline without being shown there is told as well.
    /// [Lazy-loading room members](https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members)
    func state(of timeline: TimelineReader.Timeline, above low: Int64?, through high: Int64) throws -> [StoredEvent] {
        var wanted = Set<String>()
        if request.lazyLoadsMembers {
            wanted = Set(timeline.events.map(\.sender)).union(heroes)
            if low == nil { wanted.insert(request.userID) }
        }
        // Of an incremental sync every change is told: what the client has of other members would be wrong otherwise.
        let members: EventsTable.Members = request.lazyLoadsMembers && low == nil ? .of(wanted.sorted()) : .all
        var state = try request.usesStateAfter
            ? read(above: low ?? 0, through: high, members)
            : beside(timeline, above: low ?? 0, through: high, members)
        if request.lazyLoadsMembers, low != nil {
            let shown = (request.usesStateAfter ? state : state + timeline.events).filter { $0.type == "m.room.member" }
            let missing = wanted.subtracting(shown.compactMap(\.stateKey))
            if !missing.isEmpty {
                state += try read(above: 0, through: request.usesStateAfter ? high : timeline.start, .only(missing.sorted()))
            }
        }
        return state.filter { request.filter.room?.state?.allows($0) ?? true }
    }

    /// The state before the timeline, with what the timeline itself leaves out of the places that it does not show.
    private func beside(
        _ timeline: TimelineReader.Timeline, above low: Int64, through high: Int64, _ members: EventsTable.Members
    ) throws -> [StoredEvent] {
        let before = try read(above: low, through: timeline.start, members)
        guard !timeline.hidden.isEmpty else { return before }
        let shown = Set(timeline.events.compactMap(\.slot))
        var hidden: [StateKey: StoredEvent] = [:]
        for event in timeline.hidden where members.allows(event) {
            if let slot = event.slot, !shown.contains(slot) { hidden[slot] = event }
        }
        return (before.filter { event in event.slot.map { hidden[$0] == nil } ?? false } + hidden.values)
            .sorted { $0.position < $1.position }
    }

    private func read(above low: Int64, through high: Int64, _ members: EventsTable.Members) throws -> [StoredEvent] {
        try EventsTable.state(room: roomID, through: high, above: low, members: members, in: tx)
    }
}
