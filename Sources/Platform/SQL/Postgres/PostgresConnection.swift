import CPostgres
import Glibc

/// One connection to PostgreSQL, opened and opened again as needed. It is used on its worker's thread only.
final class PostgresConnection: Connection {
    let dialect = Dialect.postgres
    private let uri: String
    private let options: DatabaseOptions
    let metrics: DatabaseMetrics
    private(set) var handle: OpaquePointer?
    private var openedAt = ContinuousClock.now
    var cache = StatementCache(limit: 256)
    /// What goes out with the next request that is waited for: the BEGIN, and statements whose answers nobody needs yet.
    var queued: [PostgresQueued] = []
    /// How many more statements there may be, where only one may.
    var allowance: Int?
    /// The server has begun this transaction.
    var isBegun = false
    /// The first failure of this transaction: nothing may follow it.
    var failure: PostgresFailure?

    init(uri: String, options: DatabaseOptions, metrics: DatabaseMetrics) {
        self.uri = uri
        self.options = options
        self.metrics = metrics
    }

    deinit { PQfinish(handle) }

    var isOpen: Bool { handle.map { PQstatus($0) == CONNECTION_OK } ?? false }

    var isTooOld: Bool {
        options.connectionMaxLifetime.map { openedAt.duration(to: .now) > $0 } ?? false
    }

    /// Whether others may be able to do what it cannot: it was opened a while ago.
    var isOld: Bool { openedAt.duration(to: .now) > .seconds(1) }

    func close() {
        PQfinish(handle)
        handle = nil
        cache.removeAll()
        queued = []
        isBegun = false
    }

    /// Connects, and sets what every connection of ours has.
    func open() throws {
        close()
        let handle = connect()
        self.handle = handle
        guard let handle, PQstatus(handle) == CONNECTION_OK else {
            let reason = PostgresFailure.trimmed(PQerrorMessage(handle))
            close()
            throw PostgresFailure.disconnected(reason: reason)
        }
        openedAt = .now
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        do {
            try check(handle)
            try command("""
                SET lock_timeout = \(options.lockTimeout.milliseconds); \
                SET statement_timeout = \(options.statementTimeout.milliseconds); \
                SET idle_in_transaction_session_timeout = \(options.idleInTransactionTimeout.milliseconds); \
                SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \(Self.plans)
                """)
        } catch {
            close()
            throw error
        }
    }

    /// A statement is planned once, when its tables may be empty, and that plan must do when they are large: by index, row by
    /// row. Compiling it never pays.
    private static let plans = """
        SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; \
        SET enable_mergejoin = off; SET jit = off
        """

    /// Ours are defaults: what the connection string says comes later, and wins.
    private func connect() -> OpaquePointer? {
        let settings = [
            ("connect_timeout", "5"), ("keepalives", "1"), ("keepalives_idle", "15"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "20000"), ("fallback_application_name", options.name),
            ("dbname", uri), ("client_encoding", "UTF8"),
        ]
        return withCStrings(settings.map(\.0)) { keywords in
            withCStrings(settings.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
    }

    private func check(_ handle: OpaquePointer) throws {
        guard PQserverVersion(handle) >= 120_000 else {
            throw DatabaseError.misconfigured("PostgreSQL 12 or later is needed")
        }
        guard let encoding = PQparameterStatus(handle, "server_encoding"), String(cString: encoding) == "UTF8" else {
            throw DatabaseError.misconfigured("the PostgreSQL database's encoding must be UTF8")
        }
    }
}

/// Calls `body` with an array of C strings that ends with a null pointer.
private func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
}
