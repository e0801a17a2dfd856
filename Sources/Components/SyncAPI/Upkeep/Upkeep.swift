import Delivery
import Logging
import SQL

/// What is done now and then by whoever holds the projector's lease.
struct Upkeep {
    let older: OlderEvents
    let pruning: NotificationPruning

    init(lease: Lease, leases: Leases, serverName: String, database: Database, logger: Logger) {
        older = OlderEvents(lease: lease, leases: leases, database: database, logger: logger)
        pruning = NotificationPruning(serverName: serverName, database: database, logger: logger)
    }

    /// Until cancelled, or until the lease is lost.
    func run() async throws {
        try await older.run()
        try await pruning.run()
    }
}
