/// A transaction in progress, given to a closure and gone after it.
///
/// A failed statement fails the whole transaction, on both databases, even where its error is caught: later statements
/// are refused and nothing is committed.
public struct Transaction {
    let connection: any Connection
    /// Off where statements are run once in a lifetime, as migrations are.
    var caches = true

    public var dialect: Dialect { connection.dialect }

    /// The database's clock, as milliseconds since 1970.
    public var now: Int64 {
        get throws {
            guard let now = try row("SELECT \(sql: .now)", as: Int64.self) else {
                throw DatabaseError.unreadable(column: 0, type: "Int64", statement: "now")
            }
            return now
        }
    }

    /// Runs a statement for its effect.
    public func run(_ sql: SQL) throws {
        _ = try connection.execute(sql.rendered(for: dialect), caches: caches) { _ in }
    }

    /// Runs a statement for its effect, with whatever comes next: on PostgreSQL it goes out with the next statement that is
    /// waited for, or with the COMMIT, in one round trip. It fails there too.
    public func later(_ sql: SQL) throws {
        try connection.executeLater(sql.rendered(for: dialect), caches: caches)
    }

    /// Runs a statement with whatever comes next, as ``later(_:)`` does, and has its rows then.
    public func ahead(_ sql: SQL) throws -> Ahead {
        let statement = sql.rendered(for: dialect)
        return Ahead(pending: try connection.executeAhead(statement, caches: caches), statement: statement.text)
    }

    /// Runs a statement for its effect, and tells how many rows it affected.
    public func changes(_ sql: SQL) throws -> Int {
        try connection.execute(sql.rendered(for: dialect), caches: caches) { _ in }
    }

    /// Runs a statement and reads every row of its result as a tuple.
    public func rows<each Column: SQLReadable>(
        _ sql: SQL, as columns: repeat (each Column).Type
    ) throws -> [(repeat each Column)] {
        var result: [(repeat each Column)] = []
        try read(sql) { row in
            result.append((repeat try row.next((each Column).self)))
        }
        return result
    }

    /// Runs a statement and reads the first row of its result, if there is one.
    public func row<each Column: SQLReadable>(
        _ sql: SQL, as columns: repeat (each Column).Type
    ) throws -> (repeat each Column)? {
        try rows(sql, as: repeat each columns).first
    }

    /// Runs a statement and reads the one column of its result.
    ///
    /// The compiler has trouble with tuples of one where there are packs; hence of its own.
    public func rows<Column: SQLReadable>(_ sql: SQL, as column: Column.Type) throws -> [Column] {
        var result: [Column] = []
        try read(sql) { row in result.append(try row.next(Column.self)) }
        return result
    }

    /// Runs a statement and reads the one column of its first row, if there is one.
    public func row<Column: SQLReadable>(_ sql: SQL, as column: Column.Type) throws -> Column? {
        try rows(sql, as: column).first
    }

    /// Runs a statement and makes a value of each row of its result: for what has many rows of many columns, which this reads
    /// at less cost than tuples.
    public func map<Value>(_ sql: SQL, _ body: (inout ColumnReader) throws -> Value) throws -> [Value] {
        var result: [Value] = []
        try read(sql) { row in result.append(try body(&row)) }
        return result
    }

    private func read(_ sql: SQL, _ body: (inout ColumnReader) throws -> Void) throws {
        let statement = sql.rendered(for: dialect)
        _ = try connection.execute(statement, caches: caches) { row in
            var reader = ColumnReader(row: row, statement: statement.text)
            try body(&reader)
        }
    }
}

/// Reads a row's columns from left to right.
public struct ColumnReader {
    private let row: any ConnectionRow
    private let statement: String
    private var index = 0

    init(row: any ConnectionRow, statement: String) {
        self.row = row
        self.statement = statement
    }

    mutating func next<Column: SQLReadable>(_: Column.Type) throws -> Column {
        defer { index += 1 }
        guard index < row.count, let value = Column(try row.value(at: index)) else {
            throw DatabaseError.unreadable(column: index, type: "\(Column.self)", statement: statement)
        }
        return value
    }

    public mutating func integer() throws -> Int64 { try next(Int64.self) }
    public mutating func integerIfAny() throws -> Int64? { try next(Int64?.self) }
    public mutating func boolean() throws -> Bool { try next(Bool.self) }
    public mutating func booleanIfAny() throws -> Bool? { try next(Bool?.self) }
    public mutating func text() throws -> String { try next(String.self) }
    public mutating func textIfAny() throws -> String? { try next(String?.self) }
    public mutating func bytes() throws -> [UInt8] { try next([UInt8].self) }
    public mutating func bytesIfAny() throws -> [UInt8]? { try next([UInt8]?.self) }
}

/// One open connection. Not Sendable: it belongs to one thread or queue.
protocol Connection: AnyObject {
    var dialect: Dialect { get }
    /// Runs one statement to its end, hands over each row, and returns the number of affected rows.
    func execute(_ statement: RenderedSQL, caches: Bool, row: (any ConnectionRow) throws -> Void) throws -> Int
    /// Runs one statement before the next that is executed, or before the commit.
    func executeLater(_ statement: RenderedSQL, caches: Bool) throws
    /// The same for its rows.
    func executeAhead(_ statement: RenderedSQL, caches: Bool) throws -> any PendingRows
}

/// A row of a result, valid until the next.
protocol ConnectionRow {
    var count: Int { get }
    func value(at index: Int) throws -> SQLValue
}

/// Whether a transaction writes.
enum TransactionMode: Sendable {
    case write
    /// One snapshot, read only.
    case read
    /// One statement, which reads.
    case query
}
