import Contracts
import SQL

/// Who has an account here, and the hash of their password.
enum AccountTable {
    struct Account: Sendable, Equatable {
        var userID: String
        var passwordHash: String?
        var isDeactivated: Bool
    }

    static func account(_ userID: String, in tx: Transaction) throws -> Account? {
        try tx.row(
            "SELECT user_id, password_hash, is_deactivated FROM userapi_accounts WHERE user_id = \(userID)",
            as: String.self, String?.self, Bool.self
        ).map { Account(userID: $0.0, passwordHash: $0.1, isDeactivated: $0.2) }
    }

    static func exists(_ userID: String, in tx: Transaction) throws -> Bool { try account(userID, in: tx) != nil }

    /// The account that a registration made when it was asked for before.
    static func userID(registeredBy key: [UInt8], in tx: Transaction) throws -> String? {
        try tx.row("SELECT user_id FROM userapi_accounts WHERE registration_key = \(key)", as: String.self)
    }

    /// False where the user ID is taken, or the registration was made before.
    static func insert(
        _ userID: String, kind: AccountKind, isAdmin: Bool, passwordHash: String?, key: [UInt8]?, in tx: Transaction
    ) throws -> Bool {
        try tx.changes(
            """
            INSERT INTO userapi_accounts
                (user_id, kind, is_admin, is_deactivated, password_hash, registration_key, created_ts)
            VALUES (\(userID), \(kind.rawValue), \(isAdmin), \(false), \(passwordHash), \(key), \(sql: .now))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// False where there is no such account.
    static func setPasswordHash(_ hash: String, of userID: String, in tx: Transaction) throws -> Bool {
        try tx.changes("UPDATE userapi_accounts SET password_hash = \(hash) WHERE user_id = \(userID)") == 1
    }
}
