import Contracts
import Logging
import Matrix
import SQL
import Web

/// Answers `GET /sync`: at once when there is something to say, otherwise when there is, or when the time is up.
struct Sync: Sendable {
    let config: SyncAPIConfig
    let database: Database
    let notifier: Notifier
    let barrier: Barrier
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
        _ asked: SyncRequest, until deadline: ContinuousClock.Instant, waits: Bool
    ) async throws -> SyncResponse {
        do {
            if asked.since == nil || asked.fullState || !waits { try await catchUp(asked.userID) }
            while true {
                let (response, rooms, position) = try await look(asked)
                if !response.isEmpty || asked.since == nil || asked.fullState || ContinuousClock.now >= deadline {
                    return response
                }
                let interest = Notifier.Interest(userID: asked.userID, roomIDs: rooms, seen: position)
                guard await notifier.wait(interest, until: deadline) == .somethingNew else { return response }
            }
        } catch where Task.isCancelled {
            // The server stops: the client asks again with what it has.
            guard let since = asked.since else { throw MatrixError.unavailable() }
            return SyncResponse(nextBatch: SyncToken(position: since).description)
        }
    }

    /// Waits for what the user did a moment ago. Without it a sync is right too, only not up to the moment.
    private func catchUp(_ userID: String) async throws {
        do {
            try await barrier.pass(user: userID, withinMS: Self.recently)
        } catch let error where !Task.isCancelled {
            logger.warning("a sync goes without what is newest", metadata: ["error": "\(error)"])
        }
    }

    /// The answer as of now, and what to wait for if it is empty.
    private func look(_ asked: SyncRequest) async throws -> (SyncResponse, rooms: [String], position: Int64) {
        try await database.read { tx in
            let position = try SyncPosition().current(in: tx)
            if let since = asked.since, since > position { throw MatrixError.invalidParam("since is not a token of this server") }
            let response = try SyncBuilder(asked, position: position, now: try tx.now, in: tx).response()
            let rooms = response.isEmpty ? try MembershipsTable.joinedRooms(of: asked.userID, in: tx) : []
            return (response, rooms, position)
        }
    }
}
