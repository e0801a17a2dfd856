import Contracts
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

    /// How long ago something may have happened that a sync still makes sure to show.
    private static let recently: Int64 = 10_000

    func callAsFunction(_ request: Request) async throws -> SyncResponse {
        let caller = try request.requireCaller()
        let filter = try await filters.resolve(request.query["filter"], of: caller.userID)
        let since = try request.query["since"].map { try SyncToken($0, named: "since").position }
        let fullState = try request.query.bool("full_state") ?? false
        let asked = SyncRequest(
            userID: caller.userID, deviceID: caller.deviceID, since: since, filter: filter, fullState: fullState)
        let timeout = min(.milliseconds(max(0, try request.query.integer("timeout") ?? 0)), config.longestPoll)
        let deadline = ContinuousClock.now + timeout
        if since == nil || timeout == .zero {
            try await barrier.pass(user: caller.userID, withinMS: Self.recently)
        }
        while true {
            let (response, rooms, position) = try await look(asked)
            if !response.isEmpty || since == nil || fullState || ContinuousClock.now >= deadline { return response }
            await notifier.wait(.init(userID: caller.userID, roomIDs: rooms, seen: position), until: deadline)
            if Task.isCancelled { return response }
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
