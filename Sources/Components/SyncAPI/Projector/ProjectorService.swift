import Contracts
import Delivery
import Foundation
import Logging
import ServiceLifecycle
import SQL
import Topics

/// Projects, on the one replica that holds the lease.
struct ProjectorService: Service {
    let serverName: String
    let database: Database
    let isAlone: Bool
    let tellsPresence: Bool
    let notifier: Notifier
    let bus: any Bus
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let logger: Logger

    func run() async throws {
        let leases = SyncPosition().leases
        let holder = LeaseHolder(
            leases: leases, name: SyncPosition.leaseName, holder: "\(ProcessInfo.processInfo.hostName) \(getpid())",
            // An SQLite database is locked to its process.
            isAlone: isAlone || database.dialect == .sqlite, database: database, logger: logger
        ) { lease in
            let projector = Projector(
                lease: lease, leases: leases, database: database, cursors: SyncCursors().cursors, notifier: notifier, bus: bus,
                tellsPresence: tellsPresence)
            let consumers = TopicConsumers(
                projector: projector, bus: bus, database: database, roomserver: roomserver, users: users, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await projector.run() }
                group.addTask { try await consumers.run() }
                group.addTask {
                    try await Upkeep(
                        lease: lease, leases: leases, serverName: serverName, database: database, logger: logger
                    ).run()
                }
                group.addTask { try await TypingExpiry(projector: projector, database: database, logger: logger).run() }
                if tellsPresence {
                    group.addTask { try await PresenceExpiry(projector: projector, database: database, logger: logger).run() }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        try await holder.run()
    }
}
