import Matrix
import SQL
import Web

/// Tells what happens in the user's rooms, or in one that everybody may look into, as one list.
/// [GET /_matrix/client/v3/events](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3events)
final class EventStream: Sendable {
    private let longestPoll: Duration
    private let barrier: Barrier
    private let notifier: Notifier
    /// Nil: nobody is told who is there.
    private let syncing: SyncingUsers?
    /// The most events of an answer, and how long it is waited for unless the client says.
    private static let most = 100, timeoutMS = 30_000

    init(longestPoll: Duration, barrier: Barrier, notifier: Notifier, syncing: SyncingUsers?) {
        self.longestPoll = longestPoll
        self.barrier = barrier
        self.notifier = notifier
        self.syncing = syncing
    }

    struct Chunk: Encodable, Sendable {
        var start: String
        var end: String
        var chunk: [RawJSON]
    }

    func callAsFunction(_ request: Request) async throws -> Chunk {
        let (question, timeout) = try Self.read(request)
        let deadline = ContinuousClock.now + min(timeout, longestPoll)
        let visit = await syncing?.begin(question.userID, device: question.deviceID, as: .online)
        defer { syncing?.end(visit) }
        var from = question.from, heads = try await heads(question)
        while true {
            let look = try await look(question, from: from, upTo: heads)
            if !look.events.isEmpty || ContinuousClock.now >= deadline { return Self.chunk(question, look) }
            heads = OwnersHeads(userID: question.userID)
            from = look.end
            // None of so many may be seen; there are more.
            if look.isFull { continue }
            guard await notifier.wait(look.interest, until: deadline) == .somethingNew else { return Self.chunk(question, look) }
        }
    }

    private static func read(_ request: Request) throws -> (EventStreamReader.Question, timeout: Duration) {
        let caller = try request.requireCaller()
        let limit = try request.query.integer("limit") ?? most
        guard limit > 0 else { throw MatrixError.invalidParam("limit must be positive") }
        let timeout = try request.query.integer("timeout") ?? timeoutMS
        guard timeout >= 0 else { throw MatrixError.invalidParam("timeout must not be negative") }
        let roomID = request.query["room_id"]
        if roomID == nil, caller.isGuest {
            throw MatrixError.guestAccessForbidden("Guests name the room that they look into")
        }
        let from = try request.query["from"].flatMap { try $0.isEmpty ? nil : SyncToken($0, named: "from").position }
        return (
            EventStreamReader.Question(
                userID: caller.userID, deviceID: caller.deviceID, roomID: roomID, from: from, limit: min(limit, most)),
            .milliseconds(timeout)
        )
    }

    private func heads(_ question: EventStreamReader.Question) async throws -> OwnersHeads {
        guard let roomID = question.roomID else { return try await barrier.heads(of: question.userID) }
        return try await barrier.heads(toRead: roomID, for: question.userID)
    }

    private func look(
        _ question: EventStreamReader.Question, from: Int64?, upTo heads: OwnersHeads
    ) async throws -> EventStreamReader.Look {
        try await barrier.read(upTo: heads) { [syncing] tx, position in
            try EventStreamReader(question: question, tellsPresence: syncing != nil, tx: tx).look(from: from ?? position, at: position)
        }
    }

    private static func chunk(_ question: EventStreamReader.Question, _ look: EventStreamReader.Look) -> Chunk {
        Chunk(
            start: SyncToken(position: question.from ?? look.end).description, end: SyncToken(position: look.end).description,
            chunk: look.events)
    }
}
