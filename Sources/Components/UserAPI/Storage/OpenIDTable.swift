import SQL

/// OpenID tokens that were given out, by their hashes, until they are too old.
enum OpenIDTable {
    static func insert(_ token: [UInt8], of userID: String, lastingMS: Int64, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO userapi_openid_tokens (token_hash, user_id, expires_ts)
            VALUES (\(token), \(userID), \(sql: .now) + \(lastingMS))
            ON CONFLICT DO NOTHING
            """)
    }

    static func owner(of token: [UInt8], in tx: Transaction) throws -> String? {
        try tx.row(
            "SELECT user_id FROM userapi_openid_tokens WHERE token_hash = \(token) AND expires_ts > \(sql: .now)",
            as: String.self)
    }

    /// How many tokens of a user are good now.
    static func count(of userID: String, in tx: Transaction) throws -> Int64 {
        try tx.row(
            "SELECT COUNT(*) FROM userapi_openid_tokens WHERE user_id = \(userID) AND expires_ts > \(sql: .now)", as: Int64.self)
            ?? 0
    }

    static func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_openid_tokens WHERE user_id = \(userID)")
    }

    static func prune(in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_openid_tokens WHERE expires_ts <= \(sql: .now)")
    }
}
