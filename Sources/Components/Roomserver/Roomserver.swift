import Contracts
import Delivery
import Logging
import Matrix
import RoomRules
import SQL
import ServiceLifecycle
import Topics
import Web

/// Owns the rooms: their events, state and memberships, their aliases and directory, and the log of what happens in them.
///
/// Any number of roomservers may share a database: within a process a queue gives each room's requests an order, between
/// processes the lock of the room's row does.
public final class Roomserver: RoomserverAPI, Sendable {
    let config: RoomserverConfig
    let storage: Storage
    let publisher: OutboxPublisher
    let cache: StateCache
    let shown: ShownStates
    private let queue = RoomQueue()
    /// The rooms whose requests are committed together.
    private let rooms: Gathering<RoomWork, RoomOutcome>
    private let commits: RoomCommits
    private let guestRemoval: ClaimWorker
    private let logger: Logger

    public init(config: RoomserverConfig, database: Database, bus: any Bus, logger: Logger) async throws {
        self.config = config
        self.logger = logger
        storage = Storage(database: database)
        cache = StateCache(limit: config.stateCacheBytes)
        shown = ShownStates(limit: config.stateCacheBytes / 2) { $0.cost }
        let outbox = Outbox(prefix: "roomserver")
        try await database.migrate("roomserver", Schema.migrations + outbox.migrations + GuestRemoval.claims.migrations)
        var options = OutboxPublisher.Options()
        options.retention = config.outputRetention
        publisher = OutboxPublisher(outbox: outbox, database: database, options: options, logger: logger) { entries in
            try await bus.publish(entries.map(Outgoing.init))
        }
        var commits = RoomCommits(
            config: config, storage: storage, writer: RoomWriter(outbox: outbox), cache: cache, publisher: publisher)
        guestRemoval = GuestRemoval(commits: commits).worker(database: database, logger: logger)
        commits.guestRemoval = guestRemoval
        self.commits = commits
        rooms = Gathering(limit: 32) { [commits] works in try await commits.perform(works).map { .success($0) } }
    }

    /// What runs for as long as the process does.
    public var services: [any Service] {
        [publisher, guestRemoval, Pruning(storage: storage, retention: config.transactionRetention, logger: logger)]
    }

    /// The roomserver is asked by other components only.
    public var endpoints: [Endpoint] { [] }

    var author: Author { config.author }
    var writer: RoomWriter { commits.writer }
    var outbox: Outbox { writer.outbox }

    /// Has the room's task do a request, with what else waits, and tells what happened once it is committed.
    func change(_ roomID: String, _ request: RoomRequest) async throws -> RoomReply {
        try await queue.submit(request, to: roomID) { [rooms, commits] requests in
            let work = RoomWork(roomID: roomID, requests: requests)
            if case .done(let results) = try await rooms.submit(work) { return results }
            return try await commits.perform(work)
        }
    }

    /// What follows a commit.
    func committed(_ changes: [RoomChange], _ told: [OutboxEntry]) { commits.committed(changes, told) }
}
