import Matrix
import TestSupport

/// A client that syncs on and on, and what it has seen of a room's messages, by event ID and in its order.
public struct Follower: Sendable {
    public let client: Client
    let room: String
    /// Where it may ask; each time at one of them.
    let addresses: [String]
    private(set) var since: String?
    public private(set) var messages: [String] = []

    private static let filter = Client.encoded(#"{"room":{"timeline":{"limit":50}}}"#)

    public init(_ client: Client, in room: String, at addresses: [String]) {
        self.client = client
        self.room = room
        self.addresses = addresses
    }

    /// Syncs once, and fetches what the sync left out.
    public mutating func sync(timeoutMS: Int = 1_000) async throws {
        let path = "/_matrix/client/v3/sync?filter=\(Self.filter)&timeout=\(timeoutMS)" + (since.map { "&since=\($0)" } ?? "")
        let answer = try await client.insist(.get, path, at: addresses)
        guard let next = answer["next_batch"]?.string else { throw TestFailure("no next_batch in \(answer)") }
        if let timeline = answer["rooms"]?["join"]?[room]?["timeline"] {
            if let since, timeline["limited"]?.bool == true, let token = timeline["prev_batch"]?.string {
                messages += try await Self.messages(of: client, in: room, from: token, to: since, at: addresses).reversed()
            }
            messages += Self.messages(among: timeline["events"])
        }
        since = next
    }

    /// The room's messages from a place backwards, page by page: the youngest first.
    public static func messages(
        of client: Client, in room: String, from start: String? = nil, to end: String? = nil, at addresses: [String] = []
    ) async throws -> [String] {
        var found: [String] = [], from = start
        for _ in 0..<1_000 {
            let query = (from.map { "&from=\($0)" } ?? "") + (end.map { "&to=\($0)" } ?? "")
            let page = try await client.insist(.get, Client.path(room, "messages?dir=b&limit=50\(query)"), at: addresses)
            found += messages(among: page["chunk"])
            guard let next = page["end"]?.string, page["chunk"]?.array?.isEmpty == false else { return found }
            from = next
        }
        throw TestFailure("/messages has no end")
    }

    private static func messages(among events: JSON?) -> [String] {
        (events?.array ?? []).filter { $0["type"]?.string == "m.room.message" }.compactMap { $0["event_id"]?.string }
    }
}
