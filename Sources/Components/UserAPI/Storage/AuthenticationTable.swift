import SQL

/// Sessions of user-interactive authentication. What a session is for, and the parameters it remembers, are sealed with a
/// key that only the session's ID opens; of the ID itself there is only a hash.
enum AuthenticationTable {
    struct Row: Sendable {
        var sealed: [UInt8]
        /// The stages done, separated by spaces.
        var completed: String
        /// The validation of the address that was proved.
        var validation: String?
        /// The registration token that was shown.
        var registrationToken: String?
    }

    static func insert(_ sealed: [UInt8], session: [UInt8], lastingMS: Int64, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO userapi_authentications (session_hash, sealed, completed, expires_ts)
            VALUES (\(session), \(sealed), '', \(sql: .now) + \(lastingMS))
            """)
    }

    static func row(_ session: [UInt8], in tx: Transaction) throws -> Row? {
        try row(session, lock: "", in: tx)
    }

    /// The same, kept as it is by the row's lock until the transaction ends.
    static func lockedRow(_ session: [UInt8], in tx: Transaction) throws -> Row? {
        try row(session, lock: .forUpdate, in: tx)
    }

    private static func row(_ session: [UInt8], lock: SQL, in tx: Transaction) throws -> Row? {
        try tx.row(
            """
            SELECT sealed, completed, validation, registration_token FROM userapi_authentications
            WHERE session_hash = \(session) AND expires_ts > \(sql: .now) \(sql: lock)
            """, as: [UInt8].self, String.self, String?.self, String?.self
        ).map { Row(sealed: $0.0, completed: $0.1, validation: $0.2, registrationToken: $0.3) }
    }

    static func update(_ row: Row, session: [UInt8], in tx: Transaction) throws {
        try tx.run(
            """
            UPDATE userapi_authentications
            SET completed = \(row.completed), validation = \(row.validation), registration_token = \(row.registrationToken)
            WHERE session_hash = \(session)
            """)
    }

    /// False where there is none, or it is too old.
    static func delete(_ session: [UInt8], in tx: Transaction) throws -> Bool {
        try tx.changes(
            "DELETE FROM userapi_authentications WHERE session_hash = \(session) AND expires_ts > \(sql: .now)") == 1
    }

    static func prune(in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_authentications WHERE expires_ts <= \(sql: .now)")
    }
}
