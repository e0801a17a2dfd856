import GRDB
import GRDBSQLite

/// A statement at a time on one of GRDB's connections, inside one transaction.
final class SQLiteConnection: Connection {
    let dialect = Dialect.sqlite
    private let database: GRDB.Database
    private let metrics: DatabaseMetrics
    /// The first failure of this transaction: nothing may follow it, as on PostgreSQL.
    private(set) var failure: (any Error)?

    init(_ database: GRDB.Database, metrics: DatabaseMetrics) {
        self.database = database
        self.metrics = metrics
    }

    /// There is nobody to wait for.
    func executeLater(_ statement: RenderedSQL, caches: Bool) throws {
        _ = try execute(statement, caches: caches) { _ in }
    }

    func executeAhead(_ statement: RenderedSQL, caches: Bool) throws -> any PendingRows {
        var rows = CopiedRows()
        _ = try execute(statement, caches: caches) { row in
            rows.rows.append(CopiedRow(values: try (0..<row.count).map(row.value)))
        }
        return rows
    }

    func execute(_ statement: RenderedSQL, caches: Bool, row: (any ConnectionRow) throws -> Void) throws -> Int {
        if let failure { throw failure }
        let values = try statement.arguments.map(Self.value)
        metrics.statements.increment()
        do {
            let prepared = try prepare(statement, caches: caches)
            // The handle is the statement's, which must outlive it.
            return try withExtendedLifetime(prepared) { try run(prepared.sqliteStatement, statement, values, row) }
        } catch let error as GRDB.DatabaseError {
            let failure = SQLiteFailure.error(code: error.extendedResultCode.rawValue, error.message ?? "", statement.text)
            self.failure = failure
            throw failure
        }
    }

    private static func value(_ argument: RenderedSQL.Argument) throws -> SQLValue {
        switch argument {
        case .list(let list): return .text(try list.json())
        case .value(.text(let text), _):
            try SQLValue.refuseZero(in: text)
            return .text(text)
        case .value(let value, _): return value
        case .column: throw DatabaseError.refusedValue("a column of values")
        }
    }

    private func prepare(_ statement: RenderedSQL, caches: Bool) throws -> Statement {
        caches && !statement.dependsOnCount
            ? try database.cachedStatement(sql: statement.text)
            : try database.makeStatement(sql: statement.text)
    }

    private func run(
        _ handle: OpaquePointer, _ statement: RenderedSQL, _ values: [SQLValue], _ row: (any ConnectionRow) throws -> Void
    ) throws -> Int {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        guard Int(sqlite3_bind_parameter_count(handle)) == values.count else {
            throw DatabaseError.refusedValue("another number of arguments than “\(statement.text)” has")
        }
        for (index, value) in values.enumerated() {
            try check(bind(value, at: Int32(index + 1), of: handle), statement)
        }
        let types = SQLiteRow.booleans(of: handle)
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW:
                try row(SQLiteRow(handle: handle, isBoolean: types))
            case SQLITE_DONE:
                return sqlite3_stmt_readonly(handle) != 0 ? 0 : Int(sqlite3_changes(sqlite3_db_handle(handle)))
            case let code:
                try check(code, statement)
            }
        }
    }

    private func check(_ code: Int32, _ statement: RenderedSQL) throws {
        guard code != SQLITE_OK else { return }
        let failure = SQLiteFailure.error(
            code: sqlite3_extended_errcode(database.sqliteConnection), String(cString: sqlite3_errmsg(database.sqliteConnection)),
            statement.text)
        self.failure = failure
        throw failure
    }

    private func bind(_ value: SQLValue, at index: Int32, of handle: OpaquePointer) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let integer): return sqlite3_bind_int64(handle, index, integer)
        case .double(let double): return sqlite3_bind_double(handle, index, double)
        case .boolean(let boolean): return sqlite3_bind_int64(handle, index, boolean ? 1 : 0)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    guard let start = $0.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, copied) }
                    return sqlite3_bind_text64(handle, index, start, UInt64($0.count), copied, UInt8(SQLITE_UTF8))
                }
            }
        case .bytes(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return bytes.withUnsafeBytes { sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), copied) }
        }
    }
}

/// SQLITE_TRANSIENT: SQLite makes its own copy.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// Rows that were read before they were asked for.
private struct CopiedRows: PendingRows {
    var rows: [CopiedRow] = []

    func forEach(_ body: (any ConnectionRow) throws -> Void) throws { for row in rows { try body(row) } }
}

private struct CopiedRow: ConnectionRow {
    let values: [SQLValue]

    var count: Int { values.count }
    func value(at index: Int) throws -> SQLValue { values[index] }
}

/// One row of a statement that is being stepped.
struct SQLiteRow: ConnectionRow {
    let handle: OpaquePointer
    let isBoolean: [Bool]

    var count: Int { isBoolean.count }

    func value(at index: Int) throws -> SQLValue {
        let column = Int32(index)
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER:
            let integer = sqlite3_column_int64(handle, column)
            return isBoolean[index] ? .boolean(integer != 0) : .integer(integer)
        case SQLITE_FLOAT: return .double(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            // The text before the length: asking for it is what may convert it.
            guard let start = sqlite3_column_text(handle, column) else { return .null }
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(handle, column) else { return .bytes([]) }
            let count = Int(sqlite3_column_bytes(handle, column))
            return .bytes(Array(UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }

    /// Which columns are declared BOOLEAN in their tables.
    static func booleans(of handle: OpaquePointer) -> [Bool] {
        (0..<sqlite3_column_count(handle)).map { column in
            sqlite3_column_decltype(handle, column).map { String(cString: $0) == "BOOLEAN" } ?? false
        }
    }
}
