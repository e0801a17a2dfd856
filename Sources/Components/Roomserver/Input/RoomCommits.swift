import Delivery
import Matrix
import Metrics

/// Commits what is asked of rooms, and tells what happened.
struct RoomCommits: Sendable {
    let config: RoomserverConfig
    let storage: Storage
    let writer: RoomWriter
    let cache: StateCache
    let publisher: OutboxPublisher
    /// Whom to tell that guests have to leave a room.
    var guestRemoval: ClaimWorker?
    private let commits = Counter(label: "dendrite_roomserver_batches")
    private let events = Counter(label: "dendrite_roomserver_events")

    init(
        config: RoomserverConfig, storage: Storage, writer: RoomWriter, cache: StateCache, publisher: OutboxPublisher
    ) {
        self.config = config
        self.storage = storage
        self.writer = writer
        self.cache = cache
        self.publisher = publisher
    }

    /// What became of the requests for a room; waits until it is to be had.
    func perform(_ work: RoomWork) async throws -> [Result<RoomReply, any Error>] {
        guard case .done(let results)? = try await perform([work], waits: true).first else { throw MatrixError.unknown() }
        return results
    }

    /// What became of the requests for each room, in the order of the rooms. None is waited for.
    func perform(_ works: [RoomWork]) async throws -> [RoomOutcome] {
        do {
            return try await perform(works, waits: false)
        } catch where works.count > 1 && (error as? MatrixError)?.status != 503 {
            // One room's failure is not the others'.
            return works.map { _ in .apart }
        }
    }

    private func perform(_ works: [RoomWork], waits: Bool) async throws -> [RoomOutcome] {
        let group = RoomGroup(author: config.author, writer: writer, cache: cache)
        let outcome = try await storage.write { try group.perform(works, waits: waits, $0) }
        committed(outcome.changes, outcome.told)
        return outcome.outcomes
    }

    /// What follows a commit.
    func committed(_ changes: [RoomChange], _ told: [OutboxEntry]) {
        for change in changes { cache.store(change.knownState, of: change.room.nid, version: change.room.stateVersion) }
        publisher.nudge(told)
        if changes.contains(where: \.endsGuestAccess) { guestRemoval?.nudge() }
        commits.increment()
        events.increment(by: changes.reduce(0) { $0 + $1.added.count })
    }
}
