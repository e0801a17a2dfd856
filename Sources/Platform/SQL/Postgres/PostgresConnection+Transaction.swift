import CPostgres

/// The life of a transaction, and the statements in it.
extension PostgresConnection {
    func begin(_ mode: TransactionMode) {
        failure = nil
        isBegun = false
        allowance = mode == .query ? 1 : nil
        queued = switch mode {
        case .write: [PostgresQueued(request: .begin("BEGIN"))]
        case .read: [PostgresQueued(request: .begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))]
        case .query: []
        }
    }

    /// Commits, in one round trip with what is queued; where a statement failed, throws what it threw, though the body may
    /// have caught it.
    func commit() throws {
        if let failure { throw failure }
        guard isBegun || queued.count > 1 else { return queued = [] }
        do {
            try exchange(.command("COMMIT"))
        } catch PostgresFailure.disconnected(let reason) {
            throw DatabaseUnavailable(reason: reason, outcomeUnknown: true)
        }
    }

    /// Leaves the connection clean, or closed.
    func rollback() {
        queued = []
        guard isBegun else { return }
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
        try noting {
            let request = try request(statement, caches: caches)
            if case .unprepared = request { try flush() }
            let result = try exchange(request)
            try result.forEachRow(row)
            return result.changes
        }
    }

    func executeLater(_ statement: RenderedSQL, caches: Bool) throws {
        try enqueue(statement, caches: caches, rows: nil)
    }

    func executeAhead(_ statement: RenderedSQL, caches: Bool) throws -> any PendingRows {
        let rows = PostgresPendingRows(self)
        try enqueue(statement, caches: caches, rows: rows)
        return rows
    }

    private func enqueue(_ statement: RenderedSQL, caches: Bool, rows: PostgresPendingRows?) throws {
        try noting {
            queued.append(PostgresQueued(request: try request(statement, caches: caches), rows: rows))
            if queued.count >= 32 { try flush() }
        }
    }

    /// Has what is queued done, where somebody waits for a part of it.
    func fetch() throws { try noting(flush) }

    /// Nothing may follow what fails.
    private func noting<R>(_ body: () throws -> R) throws -> R {
        if let failure { throw failure.error }
        do {
            return try body()
        } catch let failure as PostgresFailure {
            self.failure = failure
            throw failure.error
        }
    }

    private func request(_ statement: RenderedSQL, caches: Bool) throws -> PostgresRequest {
        let parameters = try PostgresParameters(statement.arguments)
        guard handle != nil else { throw PostgresFailure.disconnected(reason: "not connected") }
        if let left = allowance {
            guard left > 0 else { throw DatabaseError.refusedValue("a second statement in a query") }
            allowance = left - 1
        }
        metrics.statements.increment()
        guard caches else { return .unprepared(statement.text, parameters) }
        let key = StatementCache.Key(text: statement.text, types: parameters.types)
        return .prepared(name: try cache.name(for: key) ?? prepare(key), statement.text, parameters)
    }

    private func prepare(_ key: StatementCache.Key) throws -> String {
        if let evicted = cache.evictIfFull() { try command("DEALLOCATE \(evicted)") }
        let name = cache.newName()
        try check(PostgresResult(PQprepare(handle, name, key.text, Int32(key.types.count), key.types)), key.text)
        cache.insert(name, for: key)
        return name
    }

    /// Has what is queued done.
    private func flush() throws {
        guard let last = queued.popLast() else { return }
        let result = try exchange(last.request)
        last.rows?.set(result)
    }
}
