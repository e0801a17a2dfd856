import SQL

/// Tokens that log a client in once, by their hashes, until they are used or too old.
enum LoginTokenTable {
    static func insert(_ token: [UInt8], of userID: String, lastingMS: Int64, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO userapi_login_tokens (token_hash, user_id, expires_ts)
            VALUES (\(token), \(userID), \(sql: .now) + \(lastingMS))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Whose token it was; nil where it was never given out, was used, or is too old.
    static func spend(_ token: [UInt8], in tx: Transaction) throws -> String? {
        let owner = try tx.row(
            """
            SELECT user_id FROM userapi_login_tokens WHERE token_hash = \(token) AND expires_ts > \(sql: .now) \(sql: .forUpdate)
            """, as: String.self)
        guard let owner, try tx.changes("DELETE FROM userapi_login_tokens WHERE token_hash = \(token)") == 1 else { return nil }
        return owner
    }

    /// How many tokens of a user may still be used.
    static func count(of userID: String, in tx: Transaction) throws -> Int64 {
        try tx.row(
            "SELECT COUNT(*) FROM userapi_login_tokens WHERE user_id = \(userID) AND expires_ts > \(sql: .now)", as: Int64.self)
            ?? 0
    }

    static func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_login_tokens WHERE user_id = \(userID)")
    }

    static func prune(in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_login_tokens WHERE expires_ts <= \(sql: .now)")
    }
}
