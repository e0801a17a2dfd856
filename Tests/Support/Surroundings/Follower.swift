import Matrix
import TestSupport

/// A client that syncs on and on, and what it has seen of a room's messages, by event ID and in its order.
public struct Follower: Sendable {
    public let client: Client
    let room: String
    /// Where it may ask; each time at one of them.
    public let addresses: [String]
    public private(set) var since: String?
    public private(set) var messages: [String] = []

    private static let filter = Client.encoded(#"{"room":{"timeline":{"limit":50}}}"#)

    public init(_ client: Client, in room: String, at addresses: [String]) {
        self.client = client
        self.room = room
        self.addresses = addresses
    }

    /// All messages of a room, for one who syncs for the first time: what the sync has, and what was before it.
    public static func everything(of client: Client, in room: String, at addresses: [String]) async throws -> [String] {
        let answer = try await client.insist(.get, "/_matrix/client/v3/sync?filter=\(filter)&timeout=0", at: addresses)
        guard let timeline = answer["rooms"]?["join"]?[room]?["timeline"] else { throw TestFailure("no room in \(answer)") }
        let shown = messages(among: timeline["events"])
        guard timeline["limited"]?.bool == true, let token = timeline["prev_batch"]?.string else { return shown }
        return try await messages(of: client, in: room, from: token, at: addresses).reversed() + shown
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

    public enum Direction: String, Sendable { case backwards = "b", forwards = "f" }

    /// The room's messages from a place on, page by page: backwards the youngest first.
    public static func messages(
        of client: Client, in room: String, _ direction: Direction = .backwards, from start: String? = nil, to end: String? = nil,
        limit: Int = 50, at addresses: [String] = []
    ) async throws -> [String] {
        var found: [String] = [], from = start
        for _ in 0..<1_000 {
            let query = (from.map { "&from=\($0)" } ?? "") + (end.map { "&to=\($0)" } ?? "")
            let path = Client.path(room, "messages?dir=\(direction.rawValue)&limit=\(limit)\(query)")
            let page = try await client.insist(.get, path, at: addresses)
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
