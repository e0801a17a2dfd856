import Contracts
import Delivery
import Foundation
import Logging
import Matrix
import Metrics
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
    let outbox: Outbox
    let publisher: OutboxPublisher
    let queue = RoomQueue()
    let cache: StateCache
    private let logger: Logger
    private let batches = Counter(label: "dendrite_roomserver_batches")
    private let events = Counter(label: "dendrite_roomserver_events")

    public init(config: RoomserverConfig, database: Database, bus: any Bus, logger: Logger) async throws {
        self.config = config
        self.logger = logger
        storage = Storage(database: database)
        cache = StateCache(limit: config.stateCacheBytes)
        outbox = Outbox(prefix: "roomserver")
        try await database.migrate("roomserver", Schema.migrations + outbox.migrations)
        var options = OutboxPublisher.Options()
        options.retention = config.outputRetention
        publisher = OutboxPublisher(outbox: outbox, database: database, options: options, logger: logger) { entries in
            try await bus.publish(entries.map(Outgoing.init))
        }
    }

    /// What runs for as long as the process does.
    public var services: [any Service] {
        [publisher, Pruning(storage: storage, retention: config.transactionRetention, logger: logger)]
    }

    /// The roomserver is asked by other components only.
    public var endpoints: [Endpoint] { [] }

    var author: Author {
        Author(
            serverName: config.serverName, signingKey: config.signingKey, now: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// Has the room's task do a request, and tells what happened once it is committed.
    func change(_ roomID: String, _ request: RoomRequest) async throws -> RoomReply {
        try await queue.submit(request, to: roomID) { [self] requests in
            let batch = RoomBatch(roomID: roomID, author: author, writer: RoomWriter(outbox: outbox), cache: cache)
            let outcome = try await storage.write { try batch.perform(requests, $0) }
            if let change = outcome.change { committed(change) }
            return outcome.results
        }
    }

    /// What follows a commit.
    func committed(_ change: RoomChange) {
        cache.store(change.knownState, of: change.room.nid, version: change.room.stateVersion)
        publisher.nudge(change.told)
        batches.increment()
        events.increment(by: change.added.count)
    }
}
