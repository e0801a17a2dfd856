import SQL

/// The state that a client needs before a timeline.
struct StateReader {
    let request: SyncRequest
    let roomID: String
    /// The snapshot's position.
    let position: Int64
    let tx: Transaction

    /// The state at the timeline's start, or what of it changed above a position. With lazy loading, of the members only
    /// those whose events the timeline has.
    /// [Lazy-loading room members](https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members)
    func state(of timeline: TimelineReader.Timeline, above low: Int64?, through high: Int64) throws -> [StoredEvent] {
        let start = timeline.events.isEmpty && !timeline.limited ? high : timeline.start
        var state = try low == nil && start >= position
            ? EventsTable.currentState(room: roomID, in: tx)
            : EventsTable.state(room: roomID, through: start, above: low ?? 0, in: tx)
        guard request.lazyLoadsMembers else { return state }
        var wanted = Set(timeline.events.map(\.sender))
        if low == nil { wanted.insert(request.userID) }
        state.removeAll { $0.type == "m.room.member" && !wanted.contains($0.stateKey ?? "") }
        let shown = Set((state + timeline.events).filter { $0.type == "m.room.member" }.compactMap(\.stateKey))
        let missing = wanted.subtracting(shown)
        return try state + EventsTable.members(missing.sorted(), room: roomID, in: tx).filter { $0.position <= start }
    }
}
