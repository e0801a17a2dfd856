import SQL

/// Nonces given out for registration by the shared secret, until they are used or too old.
enum NonceTable {
    static func insert(_ nonce: [UInt8], lastingMS: Int64, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO userapi_registration_nonces (nonce_hash, expires_ts)
            VALUES (\(nonce), \(sql: .now) + \(lastingMS))
            """)
    }

    /// False where it was never given out, was used, or is too old.
    static func spend(_ nonce: [UInt8], in tx: Transaction) throws -> Bool {
        try tx.changes(
            "DELETE FROM userapi_registration_nonces WHERE nonce_hash = \(nonce) AND expires_ts > \(sql: .now)") == 1
    }

    static func prune(in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_registration_nonces WHERE expires_ts <= \(sql: .now)")
    }
}
