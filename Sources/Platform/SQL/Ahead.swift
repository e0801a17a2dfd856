/// The rows of a statement that goes out with the next one that is waited for: asking for them waits, if that has not come.
/// It is of use in its transaction only.
public struct Ahead {
    let pending: any PendingRows
    let statement: String

    public func rows<each Column: SQLReadable>(as columns: repeat (each Column).Type) throws -> [(repeat each Column)] {
        var result: [(repeat each Column)] = []
        try pending.forEach { row in
            var reader = ColumnReader(row: row, statement: statement)
            result.append((repeat try reader.next((each Column).self)))
        }
        return result
    }

    /// For one column. The compiler has trouble with tuples of one where there are packs.
    public func rows<Column: SQLReadable>(as column: Column.Type) throws -> [Column] {
        var result: [Column] = []
        try pending.forEach { row in
            var reader = ColumnReader(row: row, statement: statement)
            result.append(try reader.next(Column.self))
        }
        return result
    }

    /// A value of each row, for what has many rows of many columns.
    public func map<Value>(_ body: (inout ColumnReader) throws -> Value) throws -> [Value] {
        var result: [Value] = []
        try pending.forEach { row in
            var reader = ColumnReader(row: row, statement: statement)
            result.append(try body(&reader))
        }
        return result
    }
}

/// Rows that come once they are asked for.
protocol PendingRows {
    func forEach(_ body: (any ConnectionRow) throws -> Void) throws
}
