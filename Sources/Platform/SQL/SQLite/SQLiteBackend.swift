import GRDB
import Synchronization

/// SQLite by GRDB: one writer and a pool of readers, each on a queue of its own, in WAL mode.
///
/// `synchronous=FULL`: what was committed survives a power cut.
final class SQLiteBackend: Backend {
    let dialect = Dialect.sqlite
    private let pool: DatabasePool
    private let writes: SQLiteWrites
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
            writes = SQLiteWrites(pool: pool)
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
        let timing = Timing(metrics)
        return try await ticket.answer {
            switch mode {
            case .write: writes.submit(Self.write(ticket, timing, body))
            case .read, .query: pool.asyncRead { Self.read($0, ticket, timing, body) }
            }
        }
    }

    private static func write<T>(
        _ ticket: Ticket<T>, _ timing: Timing, _ body: @escaping @Sendable (Transaction) throws -> T
    ) -> PendingWrite {
        PendingWrite(
            begin: {
                guard ticket.begin() else { return false }
                timing.began()
                return true
            },
            run: { database in
                let value = try run(database, timing.metrics, body)
                return {
                    timing.ended()
                    ticket.finish(.success(value))
                }
            },
            fail: { error in
                timing.ended()
                ticket.finish(.failure(SQLiteFailure.of(error)))
            })
    }

    private static func read<T>(
        _ database: Result<GRDB.Database, any Error>, _ ticket: Ticket<T>, _ timing: Timing,
        _ body: (Transaction) throws -> T
    ) {
        guard ticket.begin() else { return }
        timing.began()
        let result = Result { try run(database.get(), timing.metrics, body) }
        timing.ended()
        ticket.finish(result.mapError(SQLiteFailure.of))
    }

    private static func run<T>(
        _ database: GRDB.Database, _ metrics: DatabaseMetrics, _ body: (Transaction) throws -> T
    ) throws -> T {
        let connection = SQLiteConnection(database, metrics: metrics)
        let value = try body(Transaction(connection: connection))
        if let failure = connection.failure { throw failure }
        return value
    }
}
