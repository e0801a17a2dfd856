import Contracts
import SQL

/// Tokens by which people may register. They are in the clear: an administrator reads them out again.
enum RegistrationTokenTable {
    private static let isGood: SQL = """
        ((uses_allowed IS NULL OR completed < uses_allowed) AND (expires_ts IS NULL OR expires_ts > \(sql: .now)))
        """

    /// False where there is one of that name.
    static func insert(_ token: RegistrationToken, in tx: Transaction) throws -> Bool {
        try tx.changes(
            """
            INSERT INTO userapi_registration_tokens (token, uses_allowed, completed, expires_ts)
            VALUES (\(token.token), \(token.usesAllowed), 0, \(token.expiresTS))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    static func count(in tx: Transaction) throws -> Int64 {
        try tx.row("SELECT COUNT(*) FROM userapi_registration_tokens", as: Int64.self) ?? 0
    }

    static func tokens(named token: String?, isValid: Bool?, in tx: Transaction) throws -> [RegistrationToken] {
        let named: SQL = token.map { "token = \($0)" } ?? "TRUE"
        let good: SQL = isValid.map { $0 ? isGood : "NOT \(sql: isGood)" } ?? "TRUE"
        return try tx.rows(
            """
            SELECT token, uses_allowed, completed, expires_ts FROM userapi_registration_tokens
            WHERE \(sql: named) AND \(sql: good) ORDER BY token
            """, as: String.self, Int64?.self, Int64.self, Int64?.self
        ).map { RegistrationToken(token: $0.0, usesAllowed: $0.1, completed: $0.2, expiresTS: $0.3) }
    }

    static func setUsesAllowed(_ count: Int64?, of token: String, in tx: Transaction) throws {
        try tx.run("UPDATE userapi_registration_tokens SET uses_allowed = \(count) WHERE token = \(token)")
    }

    static func setExpiry(_ time: Int64?, of token: String, in tx: Transaction) throws {
        try tx.run("UPDATE userapi_registration_tokens SET expires_ts = \(time) WHERE token = \(token)")
    }

    /// Takes one use; false where the token is good no more, or was never.
    static func spend(_ token: String, in tx: Transaction) throws -> Bool {
        try tx.changes(
            "UPDATE userapi_registration_tokens SET completed = completed + 1 WHERE token = \(token) AND \(sql: isGood)") == 1
    }

    /// False where there is none.
    static func delete(_ token: String, in tx: Transaction) throws -> Bool {
        try tx.changes("DELETE FROM userapi_registration_tokens WHERE token = \(token)") == 1
    }
}
