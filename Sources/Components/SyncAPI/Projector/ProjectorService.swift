import Contracts
import Delivery
import Foundation
import Logging
import ServiceLifecycle
import SQL
import Topics

/// Projects, on the one replica that holds the lease.
struct ProjectorService: Service {
    let database: Database
    let notifier: Notifier
    let bus: any Bus
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let logger: Logger

    func run() async throws {
        let leases = SyncPosition().leases
        let holder = LeaseHolder(
            leases: leases, name: SyncPosition.leaseName, holder: "\(ProcessInfo.processInfo.hostName) \(getpid())",
            database: database, logger: logger
        ) { lease in
            let projector = Projector(
                lease: lease, leases: leases, database: database, cursors: SyncCursors().cursors, notifier: notifier, bus: bus)
            let consumers = TopicConsumers(
                projector: projector, bus: bus, database: database, roomserver: roomserver, users: users, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await projector.run() }
                group.addTask { try await consumers.run() }
                group.addTask { try await TypingExpiry(projector: projector, database: database).run() }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        try await holder.run()
    }
}

/// Ends what has been typed for long enough.
private struct TypingExpiry {
    let projector: Projector
    let database: Database

    func run() async throws {
        while true {
            try await Task.sleep(for: .milliseconds(500))
            let isDue = try await database.read { tx in
                guard let next = try TypingTable.nextExpiry(in: tx) else { return false }
                return next <= (try tx.now)
            }
            if isDue { _ = try await projector.submit(.typingExpiry) }
        }
    }
}
