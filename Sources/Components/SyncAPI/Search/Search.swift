import Contracts
import Matrix
import SQL
import Web

/// Searches the messages, names and topics of a user's rooms.
/// [Server-side search](https://spec.matrix.org/v1.19/client-server-api/#server-side-search)
final class Search: Sendable {
    private let barrier: Barrier

    init(barrier: Barrier) { self.barrier = barrier }

    func callAsFunction(_ request: Request) async throws -> SearchResponse {
        let caller = try request.requireCaller()
        guard let asked = try request.decode(SearchRequest.self).searchCategories.roomEvents else { return SearchResponse() }
        try asked.filter?.check()
        let token = try request.query["next_batch"].map { try SearchToken($0) }
        let heads = try await barrier.heads(of: caller.userID)
        return try await barrier.read(upTo: heads) { tx, position in
            let reader = SearchReader(asked: asked, userID: caller.userID, token: token, position: position, tx: tx)
            let render = EventRendering(
                userID: caller.userID, deviceID: caller.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil)
            let answer = try SearchAnswer(asked: asked, page: reader.page(), render: render, tx: tx)
            return SearchResponse(searchCategories: .init(roomEvents: try answer.roomEvents()))
        }
    }
}

/// Puts together what is told of a page of results.
struct SearchAnswer {
    let asked: SearchRequest.RoomEvents
    let page: SearchReader.Page
    let render: EventRendering
    let tx: Transaction

    func roomEvents() throws -> SearchResponse.RoomEvents {
        let events = page.matches.map(\.event)
        let bundling = try render.bundling(events, page.histories, in: tx)
        let contexts = try asked.eventContext.map { asked in
            try SearchContexts(asked: asked, userID: render.userID, histories: page.histories, render: render, tx: tx).read(events)
        }
        var answer = SearchResponse.RoomEvents(count: page.count, highlights: Array(Set(SearchWords.of(asked.searchTerm))).sorted())
        for (index, match) in page.matches.enumerated() {
            let membership = page.histories[match.event.roomID]?.membership(at: match.event.position)
            answer.results.append(
                SearchResponse.Result(
                    rank: match.rank, result: try bundling(match.event, membership: membership), context: contexts?[index]))
        }
        if asked.includeState ?? false { answer.state = try state(of: Set(events.map(\.roomID))) }
        if let keys = asked.groupings?.groupBy?.map(\.key), !keys.isEmpty { answer.groups = groups(by: keys) }
        answer.nextBatch = page.next.map { SearchToken(place: $0).text }
        return answer
    }

    /// The rooms as the user may see them.
    private func state(of rooms: Set<String>) throws -> [String: [RawJSON]] {
        let spans = rooms.map { RoomSpan(roomID: $0, low: 0, high: page.histories[$0]?.horizon ?? .max) }
        return try EventsTable.state(spans, in: tx).mapValues { try $0.map { try render($0) } }
    }

    private func groups(by keys: [SearchRequest.GroupKey]) -> [String: [String: SearchResponse.Group]] {
        var groups: [String: [String: SearchResponse.Group]] = [:]
        for key in keys {
            var byValue: [String: SearchResponse.Group] = [:]
            for event in page.matches.map(\.event) {
                let value = key == .room ? event.roomID : event.sender
                var group = byValue[value] ?? SearchResponse.Group(order: byValue.count)
                group.results.append(event.eventID)
                // Of the best first, only the whole has an order to go on in.
                if asked.orderBy == .recent, page.next != nil {
                    group.nextBatch = SearchToken(
                        place: event.position - 1, group: SearchToken.Group(key: key, value: value)).text
                }
                byValue[value] = group
            }
            groups[key.rawValue] = byValue
        }
        return groups
    }
}
