import GRDB
import Synchronization

/// SQLite by GRDB: one writer and a pool of readers, each on a queue of its own, in WAL mode.
///
/// `synchronous=FULL`: what was committed survives a power cut.
final class SQLiteBackend: Backend {
    let dialect = Dialect.sqlite
    private let pool: DatabasePool
    private let file: SQLiteFile
    private let options: DatabaseOptions
    private let metrics: DatabaseMetrics
    private let waiting = Atomic(0)

    init(path: String, options: DatabaseOptions, metrics: DatabaseMetrics) throws {
        self.options = options
        self.metrics = metrics
        file = try SQLiteFile(path: path)
        var configuration = Configuration()
        configuration.label = options.name
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = options.maxOpenConnections
        configuration.foreignKeysEnabled = true
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // After opening, for GRDB sets NORMAL with WAL.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch let error as GRDB.DatabaseError {
            throw DatabaseError.misconfigured("cannot open the database file “\(path)”: \(error.message ?? "\(error)")")
        }
    }

    func close() async {
        // Fails where something is still at work; the last reference closes it then.
        try? pool.close()
    }

    func perform<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        guard waiting.add(1, ordering: .relaxed).oldValue < options.maxWaiting else {
            waiting.subtract(1, ordering: .relaxed)
            metrics.failures.increment()
            throw DatabaseUnavailable(reason: "too many transactions are waiting")
        }
        defer { waiting.subtract(1, ordering: .relaxed) }
        let ticket = Ticket<T>()
        let metrics = metrics
        let submitted = ContinuousClock.now
        return try await ticket.answer {
            switch mode {
            case .write:
                pool.asyncWriteWithoutTransaction { database in
                    Self.run(ticket, submitted, metrics) { try Self.write(database, metrics, body) }
                }
            case .read:
                pool.asyncRead { result in
                    Self.run(ticket, submitted, metrics) { try Self.read(result.get(), metrics, body) }
                }
            }
        }
    }

    private static func run<T>(
        _ ticket: Ticket<T>, _ submitted: ContinuousClock.Instant, _ metrics: DatabaseMetrics, _ body: () throws -> T
    ) {
        guard ticket.begin() else { return }
        let started = ContinuousClock.now
        metrics.wait.recordNanoseconds(submitted.duration(to: started).nanoseconds)
        let result = Result { try body() }
        metrics.transactions.increment()
        metrics.duration.recordNanoseconds(started.duration(to: .now).nanoseconds)
        if case .failure(let error as GRDB.DatabaseError) = result {
            ticket.finish(.failure(SQLiteFailure.error(code: error.extendedResultCode.rawValue, error.message ?? "", "transaction")))
        } else {
            ticket.finish(result)
        }
    }

    private static func write<T>(
        _ database: GRDB.Database, _ metrics: DatabaseMetrics, _ body: (Transaction) throws -> T
    ) throws -> T {
        try database.beginTransaction(.immediate)
        do {
            let value = try self.body(database, metrics, body)
            try database.commit()
            return value
        } catch {
            // Nothing to roll back where SQLite has done so itself.
            try? database.rollback()
            throw error
        }
    }

    private static func read<T>(
        _ database: GRDB.Database, _ metrics: DatabaseMetrics, _ body: (Transaction) throws -> T
    ) throws -> T {
        try self.body(database, metrics, body)
    }

    private static func body<T>(
        _ database: GRDB.Database, _ metrics: DatabaseMetrics, _ body: (Transaction) throws -> T
    ) throws -> T {
        let connection = SQLiteConnection(database, metrics: metrics)
        let value = try body(Transaction(connection: connection))
        if let failure = connection.failure { throw failure }
        return value
    }
}
