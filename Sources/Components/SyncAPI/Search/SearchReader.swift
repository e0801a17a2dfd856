import Matrix
import SQL

/// Finds a page of what a user looks for, in what they may see.
struct SearchReader {
    /// A result.
    struct Match: Sendable {
        var event: StoredEvent
        var rank: Double
    }

    struct Page: Sendable {
        var matches: [Match] = []
        /// Where to go on; nil where there is nothing more.
        var next: Int64?
        /// How the user's membership of the rooms of the matches went.
        var histories: [String: MembershipHistory] = [:]
        var count: Int64 = 0
    }

    let asked: SearchRequest.RoomEvents
    let userID: String
    let token: SearchToken?
    /// The snapshot's.
    let position: Int64
    let tx: Transaction

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach: Int64 = 20
    /// What is not among so many of the best is no longer looked for.
    private static let mostRanked: Int64 = 2_000
    private static let mostCounted: Int64 = 10_000

    private var order: SearchRequest.Order { asked.orderBy ?? .rank }
    private var limit: Int { min(max(asked.filter?.limit ?? 10, 1), 100) }

    func page() throws -> Page {
        let words = SearchWords.of(asked.searchTerm), rooms = try rooms()
        guard !words.isEmpty, !rooms.isEmpty else { return Page() }
        var question = SearchTable.Question(
            words: Array(words.prefix(32)), roomIDs: rooms, keys: asked.keys ?? SearchRequest.Key.allCases, high: position, order: order)
        var page = Page(count: try SearchTable.count(question, upTo: Self.mostCounted, in: tx))
        var place = token?.place ?? (order == .recent ? position : 0), looked: Int64 = 0
        let atOnce = limit + 10
        while order == .recent || place < Self.mostRanked {
            if order == .recent { question.high = min(place, position) }
            let found = try SearchTable.find(question, after: order == .rank ? place : 0, limit: atOnce, in: tx)
            let events = try EventsTable.events(at: found.map(\.position), in: tx)
            try learn(events.values.map(\.roomID), &page.histories)
            let erasures = try Erasures(among: Array(events.values), page.histories, in: tx)
            for one in found {
                if page.matches.count == limit || looked == Int64(limit) * Self.reach {
                    page.next = place
                    return page
                }
                looked += 1
                place = order == .recent ? one.position - 1 : place + 1
                guard let event = events[one.position], accepts(event, page.histories[event.roomID]), !erasures.hides(event)
                else { continue }
                page.matches.append(Match(event: erasures(event), rank: one.rank))
            }
            if found.count < atOnce { break }
        }
        return page
    }

    /// The rooms that the user is in, or was.
    private func rooms() throws -> [String] {
        try MembershipsTable.all(of: userID, in: tx)
            .filter { ["join", "leave", "ban"].contains($0.membership) && asked.filter?.allows(room: $0.roomID) ?? true }
            .map(\.roomID)
            .filter { token?.group?.key != .room || $0 == token?.group?.value }
    }

    private func learn(_ rooms: [String], _ histories: inout [String: MembershipHistory]) throws {
        let unknown = Set(rooms).filter { histories[$0] == nil }
        let found = try EventsTable.membershipHistories(of: userID, rooms: Array(unknown), in: tx)
        for room in unknown { histories[room] = found[room] ?? MembershipHistory(steps: []) }
    }

    private func accepts(_ event: StoredEvent, _ history: MembershipHistory?) -> Bool {
        (history?.allows(event, to: userID) ?? false) && (asked.filter?.allows(event) ?? true)
            && (token?.group?.key != .sender || event.sender == token?.group?.value)
    }
}
