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
        _ = try connection.execute(sql.rendered(for: dialect), caches: caches, row: nil)
    }

    /// Runs a statement for its effect, and tells how many rows it affected.
    public func changes(_ sql: SQL) throws -> Int {
        try connection.execute(sql.rendered(for: dialect), caches: caches, row: nil)
    }

    /// Runs a statement and reads every row of its result as a tuple.
    public func rows<each Column: SQLReadable>(
        _ sql: SQL, as columns: repeat (each Column).Type
    ) throws -> [(repeat each Column)] {
        let statement = sql.rendered(for: dialect)
        var result: [(repeat each Column)] = []
        _ = try connection.execute(statement, caches: caches) { row in
            var index = 0
            func next<C: SQLReadable>(_: C.Type) throws -> C {
                defer { index += 1 }
                guard index < row.count, let value = C(try row.value(at: index)) else {
                    throw DatabaseError.unreadable(column: index, type: "\(C.self)", statement: statement.text)
                }
                return value
            }
            result.append((repeat try next(each columns)))
        }
        return result
    }

    /// Runs a statement and reads the first row of its result, if there is one.
    public func row<each Column: SQLReadable>(
        _ sql: SQL, as columns: repeat (each Column).Type
    ) throws -> (repeat each Column)? {
        try rows(sql, as: repeat each columns).first
    }
}

/// One open connection. Not Sendable: it belongs to one thread or queue.
protocol Connection: AnyObject {
    var dialect: Dialect { get }
    /// Runs one statement to its end, hands over each row, and returns the number of affected rows.
    func execute(_ statement: RenderedSQL, caches: Bool, row: ((any ConnectionRow) throws -> Void)?) throws -> Int
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
}
