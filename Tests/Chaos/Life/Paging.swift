import Matrix
import Setup
import Surroundings
import TestSupport

/// Reads a room by `/messages`, page by page.
struct Paging: Sendable {
    let world: World
    let client: Client
    /// Where; nil: each page somewhere else.
    var address: String?

    /// The youngest first.
    func backward(_ room: String, from start: String? = nil, to end: String? = nil, by dice: inout Dice) async throws -> [JSON] {
        try await pages(room, "b", from: start, to: end, by: &dice)
    }

    /// The oldest first.
    func forward(_ room: String, by dice: inout Dice) async throws -> [JSON] { try await pages(room, "f", from: nil, to: nil, by: &dice) }

    private func pages(
        _ room: String, _ direction: String, from start: String?, to end: String?, by dice: inout Dice
    ) async throws -> [JSON] {
        var found: [JSON] = [], from = start
        for _ in 0..<10_000 {
            let query = (from.map { "&from=\($0)" } ?? "") + (end.map { "&to=\($0)" } ?? "")
            let page = try await page(Client.path(room, "messages?dir=\(direction)&limit=500\(query)"), by: &dice)
            let events = page["chunk"]?.array ?? []
            found += events
            guard let next = page["end"]?.string, !events.isEmpty else { return found }
            from = next
        }
        throw TestFailure("/messages of \(room) has no end")
    }

    private func page(_ path: String, by dice: inout Dice) async throws -> JSON {
        if let address { return try await client.at(address).insist(.get, path) }
        let outcome = try await Asking(world: world, client: client)(.get, path, of: .syncapi, timeout: .seconds(15), by: &dice)
        guard outcome.isDone else { throw TestFailure("\(client.userID), \(path): \(outcome.answer)") }
        return outcome.answer.json
    }
}
