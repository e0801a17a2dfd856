import SQL

/// Tokens of users that were given out, by their hashes, until they are too old: `userapi_login_tokens`, each of which logs a
/// client in once, and `userapi_openid_tokens`.
struct TokenTable: Sendable {
    private let table: String

    static let login = TokenTable(table: "userapi_login_tokens")
    static let openID = TokenTable(table: "userapi_openid_tokens")

    func insert(_ token: [UInt8], of userID: String, lastingMS: Int64, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO \(name: table) (token_hash, user_id, expires_ts)
            VALUES (\(token), \(userID), \(sql: .now) + \(lastingMS))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Nil where it was never given out, was used, or is too old.
    func owner(of token: [UInt8], in tx: Transaction) throws -> String? {
        try tx.row(
            "SELECT user_id FROM \(name: table) WHERE token_hash = \(token) AND expires_ts > \(sql: .now)", as: String.self)
    }

    /// Whose token it was, which is good no more now. Of two that show it at once one has it.
    func spend(_ token: [UInt8], in tx: Transaction) throws -> String? {
        try tx.row(
            "DELETE FROM \(name: table) WHERE token_hash = \(token) AND expires_ts > \(sql: .now) RETURNING user_id", as: String.self)
    }

    /// How many tokens of a user are good now.
    func count(of userID: String, in tx: Transaction) throws -> Int64 {
        try tx.row(
            "SELECT COUNT(*) FROM \(name: table) WHERE user_id = \(userID) AND expires_ts > \(sql: .now)", as: Int64.self) ?? 0
    }

    func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM \(name: table) WHERE user_id = \(userID)")
    }

    func prune(in tx: Transaction) throws {
        try tx.run("DELETE FROM \(name: table) WHERE expires_ts <= \(sql: .now)")
    }
}
