import Contracts
import Logging
import Matrix
import Web

/// Answers `GET /sync`: at once when there is something to say, otherwise when there is, or when the time is up.
struct Sync: Sendable {
    let config: SyncAPIConfig
    let notifier: Notifier
    let barrier: Barrier
    let recent: Recent
    let filters: Filters
    let logger: Logger

    /// How long ago something may have happened that a sync still makes sure to show.
    private static let recently: Int64 = 10_000

    func callAsFunction(_ request: Request) async throws -> SyncResponse {
        let caller = try request.requireCaller()
        let filter = try await filters.resolve(request.query["filter"], of: caller.userID)
        let since = try request.query["since"].map { try SyncToken($0, named: "since").position }
        let asked = SyncRequest(
            userID: caller.userID, deviceID: caller.deviceID, since: since, filter: filter,
            fullState: try request.query.bool("full_state") ?? false,
            usesStateAfter: try request.query.bool("use_state_after") ?? false)
        let timeout = min(.milliseconds(max(0, try request.query.integer("timeout") ?? 0)), config.longestPoll)
        return try await answer(asked, until: ContinuousClock.now + timeout, waits: timeout > .zero)
    }

    private func answer(
        _ request: SyncRequest, until deadline: ContinuousClock.Instant, waits: Bool
    ) async throws -> SyncResponse {
        var request = request
        do {
            if request.since == nil || request.fullState || !waits {
                return try await look(request, upTo: heads(of: request.userID)).response
            }
            while true {
                let look = if let look = try await recent.look(request) { look } else { try await look(request) }
                if !look.response.isEmpty || ContinuousClock.now >= deadline { return look.response }
                // There was nothing between.
                request.since = look.position
                let interest = Notifier.Interest(userID: request.userID, roomIDs: look.rooms, seen: look.position)
                guard await notifier.wait(interest, until: deadline) == .somethingNew else { return look.response }
            }
        } catch where Task.isCancelled {
            // The server stops: the client asks again with what it has.
            guard let since = request.since else { throw MatrixError.unavailable() }
            return SyncResponse(nextBatch: SyncToken(position: since).description)
        }
    }

    /// What the user did a moment ago. Without it a sync is right too, only not up to the moment.
    private func heads(of userID: String) async -> OwnersHeads {
        do {
            return try await barrier.heads(of: userID, withinMS: Self.recently)
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
            let response = try SyncBuilder(request, position: position, now: .millisecondsSince1970, in: tx).response()
            let rooms = response.isEmpty || !knowsRooms ? try MembershipsTable.joinedRooms(of: request.userID, in: tx) : []
            return Recent.Look(response: response, rooms: rooms, position: position)
        }
        if look.response.isEmpty || !knowsRooms { recent.learn(look.rooms, of: request.userID, at: look.position) }
        return look
    }
}
