import Logging

/// A database, whichever it is.
///
/// Work is done in transactions, and a transaction is a *synchronous* closure: it runs from start to end on a thread
/// of its connection, cannot suspend while it holds a lock, and so the tables below it are plain throwing functions.
/// It may run more than once (deadlocks and the like are tried again), so it has no other effects.
public struct Database: Sendable {
    let backend: any Backend
    public let options: DatabaseOptions
    let logger: Logger
    private let outage: Outage

    init(backend: any Backend, options: DatabaseOptions, logger: Logger) {
        self.backend = backend
        self.options = options
        self.logger = logger
        outage = Outage(database: options.name, logger: logger)
    }

    public var dialect: Dialect { backend.dialect }

    /// Opens `postgres://…`, `postgresql://…` or `file:…`, waiting for a server that is away until it is there.
    public static func open(
        _ connectionString: String, options: DatabaseOptions = DatabaseOptions(), logger: Logger = Logger(label: "sql")
    ) async throws -> Database {
        let metrics = DatabaseMetrics(database: options.name)
        switch try ConnectionString(connectionString) {
        case .sqlite(let path):
            return Database(
                backend: try SQLiteBackend(path: path, options: options, metrics: metrics), options: options, logger: logger)
        case .postgres(let uri):
            let backend = try PostgresBackend(uri: uri, options: options, metrics: metrics, logger: logger)
            let database = Database(backend: backend, options: options, logger: logger)
            try await database.waitingForDatabase { try await $0.read { try $0.run("SELECT 1") } }
            return database
        }
    }

    /// Reads and writes; all of it or nothing.
    ///
    /// PostgreSQL: READ COMMITTED, where a row lock is what excludes others. SQLite: the one writer, from the start.
    public func transaction<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await outage.watching(.write) { try await backend.perform(.write, body) }
    }

    /// Reads from one snapshot.
    public func read<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await outage.watching(.read) { try await backend.perform(.read, body) }
    }

    /// Reads by one statement: a snapshot in itself, it needs no transaction around it.
    public func query<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await outage.watching(.query) { try await backend.perform(.query, body) }
    }

    /// Closes the connections once they are no longer in use. What is asked afterwards fails.
    public func close() async {
        await backend.close()
    }

    /// Tries again, with growing pauses, for as long as the database is away.
    func waitingForDatabase<T>(_ body: (Database) async throws -> T) async throws -> T {
        var backoff = Backoff(first: .milliseconds(200), limit: .seconds(10))
        while true {
            do {
                return try await body(self)
            } catch let error as DatabaseUnavailable {
                logger.warning("waiting for the database", metadata: ["database": "\(options.name)", "reason": "\(error.reason)"])
                try await Task.sleep(for: backoff.next())
            }
        }
    }
}

/// What is beneath a ``Database``: one of the two.
protocol Backend: Sendable {
    var dialect: Dialect { get }
    func perform<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T
    func close() async
}
