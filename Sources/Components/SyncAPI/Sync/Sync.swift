import Contracts
import Logging
import Matrix
import Web

/// Answers `GET /sync`: at once when there is something to say, otherwise when there is, or when the time is up.
///
/// A class, and what it is asked a small value: while a request waits, all that its functions have at hand is kept.
final class Sync: Sendable {
    private let longestPoll: Duration
    private let notifier: Notifier
    private let barrier: Barrier
    private let recent: Recent
    private let filters: Filters
    /// Nil: nobody is told who is there.
    private let syncing: SyncingUsers?
    private let told = ToldMembers()
    private let logger: Logger

    init(
        longestPoll: Duration, notifier: Notifier, barrier: Barrier, recent: Recent, filters: Filters, syncing: SyncingUsers?,
        logger: Logger
    ) {
        self.longestPoll = longestPoll
        self.notifier = notifier
        self.barrier = barrier
        self.recent = recent
        self.filters = filters
        self.syncing = syncing
        self.logger = logger
    }

    func callAsFunction(_ request: Request) async throws -> SyncResponse {
        let (asked, timeout) = try await read(request)
        let visit = await syncing?.begin(asked.userID, device: asked.deviceID, as: asked.setsPresence)
        defer { syncing?.end(visit) }
        if asked.since == nil || asked.fullState || timeout == .zero {
            return try await answerAtOnce(asked, showing: visit?.news)
        }
        return try await answer(asked, until: ContinuousClock.now + timeout)
    }

    /// What a request asks for, and how long it may wait.
    @inline(never)
    private func read(_ request: Request) async throws -> (SyncRequest, timeout: Duration) {
        let caller = try request.requireCaller()
        let filter = try await filters.resolve(request.query["filter"], of: caller.userID)
        let since = try request.query["since"].map { try SyncToken($0, named: "since") }
        var asked = SyncRequest(
            userID: caller.userID, deviceID: caller.deviceID, since: since?.position, filter: filter,
            fullState: try request.query.bool("full_state") ?? false,
            usesStateAfter: try request.query.bool("use_state_after") ?? false,
            setsPresence: try presence(request.query["set_presence"]),
            showsPresence: syncing != nil && filter.presence?.allows(type: "m.presence") ?? true)
        if asked.lazyLoadsMembers, !asked.wantsRedundantMembers {
            asked.mark = since?.mark
            asked.known = told.known(at: since?.mark, of: caller.userID)
        }
        return (asked, min(.milliseconds(max(0, try request.query.integer("timeout") ?? 0)), longestPoll))
    }

    private func presence(_ text: String?) throws -> Presence.State {
        guard let text else { return .online }
        guard let state = Presence.State(rawValue: text) else {
            throw MatrixError.invalidParam("set_presence must be online, unavailable or offline")
        }
        return state
    }

    /// - Parameter showing: how the user is seen since just now.
    @inline(never)
    private func answerAtOnce(_ request: SyncRequest, showing news: Presence.State?) async throws -> SyncResponse {
        var heads = await heads(of: request.userID)
        if let news, let syncing { heads.seenAt = (syncing.replica, news) }
        return marked(try await look(request, upTo: heads), for: request)
    }

    private func answer(_ request: SyncRequest, until deadline: ContinuousClock.Instant) async throws -> SyncResponse {
        var request = request
        while true {
            switch try await attempt(request, until: deadline) {
            case .answer(let response): return response
            case .nothing(let interest):
                // There was nothing between.
                request.since = interest.seen
                guard await notifier.wait(interest, until: deadline) == .somethingNew else {
                    return SyncResponse(nextBatch: SyncToken(position: interest.seen, mark: request.mark).description)
                }
            }
        }
    }

    /// What a look has shown.
    private enum Attempt {
        case answer(SyncResponse)
        /// Nothing, and what to wait for.
        case nothing(Notifier.Interest)
    }

    @inline(never)
    private func attempt(_ request: SyncRequest, until deadline: ContinuousClock.Instant) async throws -> Attempt {
        let look = if let look = try await recent.look(request) { look } else { try await look(request) }
        if !look.response.isEmpty || ContinuousClock.now >= deadline { return .answer(marked(look, for: request)) }
        return .nothing(Notifier.Interest(userID: request.userID, roomIDs: look.rooms, seen: look.position))
    }

    /// The answer, with what it tells of members noted in its token.
    private func marked(_ look: Recent.Look, for request: SyncRequest) -> SyncResponse {
        guard request.known != nil else { return look.response }
        var response = look.response
        let mark = told.record(response.toldMembers, after: request.mark, of: request.userID)
        response.nextBatch = SyncToken(position: look.position, mark: mark).description
        return response
    }

    /// What the user did a moment ago. Without it a sync is right too, only not up to the moment.
    private func heads(of userID: String) async -> OwnersHeads {
        do {
            return try await barrier.heads(of: userID)
        } catch {
            if !Task.isCancelled {
                logger.warning("a sync goes without what is newest", metadata: ["error": "\(error)"])
            }
            return OwnersHeads(userID: userID)
        }
    }

    /// The answer as of now, from the database.
    private func look(_ request: SyncRequest, upTo heads: OwnersHeads? = nil) async throws -> Recent.Look {
        let knowsRooms = recent.knowsRooms(of: request.userID)
        let look = try await barrier.read(upTo: heads ?? OwnersHeads(userID: request.userID)) { tx, position in
            if let since = request.since, since > position { throw MatrixError.invalidParam("since is not a token of this server") }
            let (response, ignored) = try SyncBuilder(request, position: position, now: .millisecondsSince1970, in: tx).answer()
            let rooms = response.isEmpty || !knowsRooms ? try MembershipsTable.joinedRooms(of: request.userID, in: tx) : []
            return Recent.Look(response: response, rooms: rooms, ignored: ignored, position: position)
        }
        if look.response.isEmpty || !knowsRooms {
            recent.learn(look.rooms, ignoring: look.ignored, of: request.userID, at: look.position)
        }
        return look
    }
}
