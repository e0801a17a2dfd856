/// Rows of values, by column. PostgreSQL is given an array a column, so that the text of a statement, and with it its plan, is
/// one for any number of rows.
struct SQLRows: Sendable {
    let types: [SQLType]
    /// By column, then by row.
    let columns: [[SQLValue]]
    let count: Int

    init(_ rows: [[any SQLBindable]]) {
        guard let first = rows.first, !first.isEmpty, rows.allSatisfy({ $0.count == first.count }) else {
            preconditionFailure("a table has a row at least, and its rows the same columns")
        }
        count = rows.count
        types = first.map { type(of: $0).sqlType }
        columns = first.indices.map { column in rows.map { $0[column].sqlValue } }
    }
}
