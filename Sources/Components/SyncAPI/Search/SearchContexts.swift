import Matrix
import SQL

/// Reads what stands around results.
struct SearchContexts {
    let asked: SearchRequest.Context
    let userID: String
    let histories: [String: MembershipHistory]
    let render: EventRendering
    let tx: Transaction

    /// How many events are told of on each side, at the most.
    private static let most = 50

    private typealias Around = (event: StoredEvent, before: () throws -> [StoredEvent], after: () throws -> [StoredEvent])

    /// In the order of the events.
    func read(_ events: [StoredEvent]) throws -> [SearchResponse.Context] {
        let around = try events.map { event -> Around in
            let horizon = histories[event.roomID]?.horizon ?? .max
            let before = RoomSpan(roomID: event.roomID, low: 0, high: event.position - 1)
            let after = RoomSpan(roomID: event.roomID, low: event.position, high: horizon)
            return (
                event, try EventsTable.ahead(of: before, newestFirst: true, limit: limit(asked.beforeLimit), in: tx),
                try EventsTable.ahead(of: after, newestFirst: false, limit: limit(asked.afterLimit), in: tx)
            )
        }
        let read = try around.map { (event: $0.event, before: try visible($0.before()), after: try visible($0.after())) }
        let erasures = try Erasures(among: read.flatMap { $0.before + $0.after }, histories, in: tx)
        return try read.map {
            try context($0.event, before: $0.before.map { erasures($0) }, after: $0.after.map { erasures($0) })
        }
    }

    private func limit(_ asked: Int?) -> Int { min(max(asked ?? 5, 0), Self.most) }

    private func visible(_ events: [StoredEvent]) -> [StoredEvent] {
        events.filter { histories[$0.roomID]?.allows($0, to: userID) ?? false }
    }

    private func context(
        _ event: StoredEvent, before: [StoredEvent], after: [StoredEvent]
    ) throws -> SearchResponse.Context {
        var context = SearchResponse.Context(
            start: SyncToken(position: (before.last ?? event).position - 1).description,
            end: SyncToken(position: (after.last ?? event).position).description,
            eventsBefore: try before.map(rendered), eventsAfter: try after.map(rendered))
        if asked.includeProfile ?? false { context.profileInfo = try profiles(before + [event] + after, at: event) }
        return context
    }

    private func rendered(_ event: StoredEvent) throws -> RawJSON {
        try render(event, membership: histories[event.roomID]?.membership(at: event.position))
    }

    private func profiles(_ events: [StoredEvent], at event: StoredEvent) throws -> [String: SearchResponse.Profile] {
        let span = RoomSpan(roomID: event.roomID, low: 0, high: event.position)
        let members = try EventsTable.members(Set(events.map(\.sender)).map { MemberSpan(userID: $0, span: span) }, in: tx)
        var profiles: [String: SearchResponse.Profile] = [:]
        for member in try (members[event.roomID] ?? []).erased(for: histories, in: tx) {
            guard let userID = member.stateKey else { continue }
            let content = member.content
            profiles[userID] = SearchResponse.Profile(
                displayName: content["displayname"]?.string, avatarURL: content["avatar_url"]?.string)
        }
        return profiles
    }
}
