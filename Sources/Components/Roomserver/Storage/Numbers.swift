import SQL

/// The numbers of rows, taken before they are written: what refers to them need not wait for them.
enum Numbers {
    /// Takes numbers of an identity column, in rising order, with the next statement that is waited for.
    static func take(_ count: Int, of column: String, in table: String, _ tx: Transaction) throws -> Ahead {
        let next: SQL = """
            \(postgres: "nextval('\(table)_\(column)_seq')", sqlite: "(SELECT COALESCE(MAX(\(column)), 0) FROM \(table)) + i")
            """
        return try tx.ahead(
            """
            WITH RECURSIVE n (i) AS (SELECT CAST(1 AS \(.integer)) UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            SELECT \(sql: next) FROM n
            """)
    }
}
