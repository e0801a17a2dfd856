import Logging
import SQL
import ServiceLifecycle

/// Does something for as long as it holds a lease, and waits for the lease when it does not.
public struct LeaseHolder: Service {
    let leases: Leases
    let name: String
    let holder: String
    let isAlone: Bool
    let database: Database
    let logger: Logger
    let work: @Sendable (Lease) async throws -> Void

    /// - Parameters:
    ///   - holder: who we are, for whoever reads the table.
    ///   - isAlone: no other process can be at work, so that a lease found at the start is that of a process which is no
    ///     more, and need not be waited for.
    ///   - work: runs while the lease is held, and is cancelled when it is lost. Returning gives the lease up.
    public init(
        leases: Leases, name: String, holder: String, isAlone: Bool = false, database: Database, logger: Logger,
        work: @escaping @Sendable (Lease) async throws -> Void
    ) {
        self.leases = leases
        self.name = name
        self.holder = holder
        self.isAlone = isAlone
        self.database = database
        self.logger = logger
        self.work = work
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            // Only once: should there be another after all, the two do not take the lease from each other in turns.
            var isFirst = isAlone
            while !Task.isCancelled {
                do {
                    if let lease = try await acquire(whoeverHasIt: isFirst) {
                        isFirst = false
                        logger.info("lease taken", metadata: ["lease": "\(name)", "epoch": "\(lease.epoch)"])
                        try await hold(lease)
                    }
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("lease", metadata: ["lease": "\(name)", "error": "\(error)"])
                }
                try? await Task.sleep(for: leases.duration / 10 * Double.random(in: 0.5...1.5))
            }
        }
    }

    private func acquire(whoeverHasIt: Bool) async throws -> Lease? {
        // Those who wait only read.
        if !whoeverHasIt {
            guard try await database.read({ [leases, name] in try leases.isFree(name, in: $0) }) else { return nil }
        }
        return try await database.transaction { [leases, name, holder] in
            try leases.acquire(name, holder: holder, whoeverHasIt: whoeverHasIt, in: $0)
        }
    }

    private func hold(_ lease: Lease) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await work(lease) }
                group.addTask { try await renew(lease) }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await release(lease)
            throw error
        }
        await release(lease)
    }

    /// The work renews with every transaction; this is for when it has nothing to do.
    private func renew(_ lease: Lease) async throws {
        while true {
            try await Task.sleep(for: leases.duration / 3)
            do {
                _ = try await database.transaction { [leases] in try leases.advance(lease, in: $0) }
            } catch let error as DatabaseUnavailable {
                // The row decides when the database is back, and not before.
                logger.warning("cannot renew the lease", metadata: ["lease": "\(name)", "error": "\(error)"])
            }
        }
    }

    private func release(_ lease: Lease) async {
        // Also when cancelled: in a task of its own, awaited here.
        await Task { [database, leases] in
            try? await database.transaction { try leases.release(lease, in: $0) }
        }.value
    }
}
