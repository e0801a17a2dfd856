import RoomRules
import SQL

/// Reads the state that a client needs beside the timelines, of all rooms at once.
struct StateReader {
    let request: SyncRequest
    let tx: Transaction

    /// What changed between a position (of a room that is new to the client, or wanted whole: everything) and the timeline's
    /// start; with `use_state_after`, its end. What changed within the timeline without being shown there is told as well.
    /// [Lazy-loading room members](https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members)
    func read(_ sections: inout [RoomSection]) throws {
        let whole = sections.filter { isWhole($0) }, changed = sections.filter { !isWhole($0) }
        // Of a room that the client follows every change is told: what it has of other members would be wrong otherwise.
        var state = try EventsTable.state(whole.map(span), withMembers: !request.lazyLoadsMembers, in: tx)
        state.merge(try EventsTable.state(changed.map(span), in: tx)) { $1 }
        for index in sections.indices {
            let section = sections[index]
            let found = state[section.roomID] ?? []
            sections[index].state = request.usesStateAfter ? found : withHidden(found, section)
        }
        if request.lazyLoadsMembers { try addMembers(to: &sections) }
        guard let filter = request.filter.room?.state else { return }
        for index in sections.indices { sections[index].state.removeAll { !filter.allows($0) } }
    }

    private func isWhole(_ section: RoomSection) -> Bool { section.isNew || request.fullState && section.isJoined }

    private func end(_ section: RoomSection) -> Int64 { request.usesStateAfter ? section.high : section.timeline.start }

    private func span(_ section: RoomSection) -> RoomSpan {
        RoomSpan(roomID: section.roomID, low: isWhole(section) ? 0 : request.since ?? 0, high: end(section))
    }

    /// The state before the timeline, with what the timeline itself leaves out of the places that it does not show.
    private func withHidden(_ before: [StoredEvent], _ section: RoomSection) -> [StoredEvent] {
        guard !section.timeline.hidden.isEmpty else { return before }
        let shown = Set(section.timeline.events.compactMap(\.slot))
        let isLazy = request.lazyLoadsMembers && isWhole(section)
        let wanted = isLazy ? members(of: section) : []
        var hidden: [StateKey: StoredEvent] = [:]
        for event in section.timeline.hidden {
            guard let slot = event.slot, !shown.contains(slot) else { continue }
            if !isLazy || event.type != "m.room.member" || wanted.contains(slot.stateKey) { hidden[slot] = event }
        }
        return (before.filter { event in event.slot.map { hidden[$0] == nil } ?? false } + hidden.values)
            .sorted { $0.position < $1.position }
    }

    /// Whose member events a client needs that loads members lazily.
    private func members(of section: RoomSection) -> Set<String> {
        var users = Set(section.timeline.events.map(\.sender)).union(section.summary.heroes ?? [])
        if isWhole(section) { users.insert(request.userID) }
        return users
    }

    /// Those of them whom the client does not have from before.
    private func untold(_ section: RoomSection) -> Set<String> {
        let members = members(of: section)
        guard let known = request.known, !isWhole(section) else { return members }
        return members.filter { !known.contains($0, in: section.roomID) }
    }

    private func addMembers(to sections: inout [RoomSection]) throws {
        let missing = sections.flatMap { section in
            let told = request.usesStateAfter || isWhole(section) ? section.state : section.state + section.timeline.events
            let shown = Set(told.filter { $0.type == "m.room.member" }.compactMap(\.stateKey))
            let span = RoomSpan(roomID: section.roomID, low: 0, high: end(section))
            return untold(section).subtracting(shown).sorted().map { MemberSpan(userID: $0, span: span) }
        }
        let found = try EventsTable.members(missing, in: tx)
        for index in sections.indices { sections[index].state += found[sections[index].roomID] ?? [] }
    }
}
