import CPostgres
import Glibc

/// One connection to PostgreSQL, opened and opened again as needed. It is used on its worker's thread only.
final class PostgresConnection: Connection {
    let dialect = Dialect.postgres
    private let uri: String
    private let options: DatabaseOptions
    private let metrics: DatabaseMetrics
    private var handle: OpaquePointer?
    private var openedAt = ContinuousClock.now
    private var cache = StatementCache(limit: 256)
    /// The BEGIN that goes out with the first statement.
    private var pendingBegin: String?
    /// The first failure of this transaction: nothing may follow it.
    private var failure: PostgresFailure?

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

    func close() {
        PQfinish(handle)
        handle = nil
        cache.removeAll()
        pendingBegin = nil
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
                SET idle_in_transaction_session_timeout = \(options.idleInTransactionTimeout.milliseconds)
                """)
        } catch {
            close()
            throw error
        }
    }

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

    // MARK: Transactions

    func begin(_ mode: TransactionMode) {
        failure = nil
        pendingBegin = switch mode {
        case .write: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        }
    }

    /// Commits; where a statement failed, throws what it threw, though the body may have caught it.
    func commit() throws {
        if let failure { throw failure }
        guard pendingBegin == nil else { return pendingBegin = nil }
        do {
            try command("COMMIT")
        } catch PostgresFailure.disconnected(let reason) {
            throw DatabaseUnavailable(reason: reason, outcomeUnknown: true)
        }
    }

    /// Leaves the connection clean, or closed.
    func rollback() {
        guard pendingBegin == nil else { return pendingBegin = nil }
        guard isOpen else { return close() }
        do { try command("ROLLBACK") } catch { close() }
    }

    var hasFailed: Bool { failure != nil }

    /// The failure behind an error: what the database said, where the error is what the body made of it or threw after it.
    func failureOfTransaction(_ error: any Error) -> PostgresFailure? {
        error as? PostgresFailure ?? failure
    }

    /// Forgets the prepared statements, after a change of schema made their plans invalid.
    func forgetStatements() {
        guard !cache.isEmpty else { return }
        cache.removeAll()
        do { try command("DEALLOCATE ALL") } catch { close() }
    }

    // MARK: Statements

    func execute(_ statement: RenderedSQL, caches: Bool, row: (any ConnectionRow) throws -> Void) throws -> Int {
        if let failure { throw failure.error }
        let parameters = try PostgresParameters(statement.arguments)
        do {
            let result = try send(statement, parameters, caches: caches)
            defer { PQclear(result) }
            try forEachRow(of: result, row)
            return changes(of: result)
        } catch let failure as PostgresFailure {
            self.failure = failure
            throw failure.error
        }
    }

    private func send(_ statement: RenderedSQL, _ parameters: PostgresParameters, caches: Bool) throws -> OpaquePointer {
        guard let handle else { throw PostgresFailure.disconnected(reason: "not connected") }
        metrics.statements.increment()
        guard caches else {
            try beginIfNeeded()
            return try checked(statement.text, parameters.withPointers { count, values, lengths, formats in
                PQexecParams(handle, statement.text, count, parameters.types, values, lengths, formats, 1)
            })
        }
        let key = StatementCache.Key(text: statement.text, types: parameters.types)
        let known = cache.name(for: key)
        if let known, let begin = pendingBegin {
            pendingBegin = nil
            return try sendTogether(begin, known, statement.text, parameters)
        }
        try beginIfNeeded()
        let name = try known ?? prepare(key)
        return try checked(statement.text, parameters.withPointers { count, values, lengths, formats in
            PQexecPrepared(handle, name, count, values, lengths, formats, 1)
        })
    }

    private func beginIfNeeded() throws {
        guard let begin = pendingBegin else { return }
        pendingBegin = nil
        try command(begin)
    }

    private func prepare(_ key: StatementCache.Key) throws -> String {
        if let evicted = cache.evictIfFull() { try command("DEALLOCATE \(evicted)") }
        let name = cache.newName()
        PQclear(try checked(key.text, PQprepare(handle, name, key.text, Int32(key.types.count), key.types)))
        cache.insert(name, for: key)
        return name
    }

    /// BEGIN and the first statement in one round trip.
    private func sendTogether(
        _ begin: String, _ name: String, _ text: String, _ parameters: PostgresParameters
    ) throws -> OpaquePointer {
        guard let handle else { throw PostgresFailure.disconnected(reason: "not connected") }
        func sent(_ code: Int32) throws {
            guard code == 1 else { throw PostgresFailure(result: nil, connection: handle, statement: text) }
        }
        guard PQenterPipelineMode(handle) == 1 else { throw PostgresFailure.disconnected(reason: "no pipeline") }
        do {
            try sent(PQsendQueryParams(handle, begin, 0, nil, nil, nil, nil, 1))
            try sent(parameters.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
            })
            try sent(PQpipelineSync(handle))
        } catch {
            close()
            throw error
        }
        let began = PQgetResult(handle)
        PQclear(PQgetResult(handle))
        let result = PQgetResult(handle)
        PQclear(PQgetResult(handle))
        PQclear(PQgetResult(handle))
        defer { PQclear(began) }
        guard PQexitPipelineMode(handle) == 1 else {
            PQclear(result)
            close()
            throw PostgresFailure.disconnected(reason: "the connection was lost")
        }
        guard PQresultStatus(began) == PGRES_COMMAND_OK else {
            PQclear(result)
            throw PostgresFailure(result: began, connection: handle, statement: begin)
        }
        return try checked(text, result)
    }

    /// Runs statements of our own that have neither arguments nor rows.
    private func command(_ text: String) throws {
        guard let handle else { throw PostgresFailure.disconnected(reason: "not connected") }
        PQclear(try checked(text, PQexec(handle, text)))
    }

    private func checked(_ text: String, _ result: OpaquePointer?) throws -> OpaquePointer {
        guard let handle else { throw PostgresFailure.disconnected(reason: "not connected") }
        let status = PQresultStatus(result)
        guard let result, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
            defer { PQclear(result) }
            throw PostgresFailure(result: result, connection: handle, statement: text)
        }
        return result
    }

    private func forEachRow(of result: OpaquePointer, _ body: (any ConnectionRow) throws -> Void) throws {
        let types = (0..<PQnfields(result)).map { PQftype(result, $0) }
        for index in 0..<PQntuples(result) {
            try body(PostgresRow(result: result, index: index, types: types))
        }
    }

    private func changes(of result: OpaquePointer) -> Int {
        PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }
}

/// Calls `body` with an array of C strings that ends with a null pointer.
private func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
}
