import Contracts
import SQL

/// Who has an account here, and the hash of their password.
enum AccountTable {
    struct Account: Sendable, Equatable {
        var userID: String
        var passwordHash: String?
        var isDeactivated: Bool
        var isLocked: Bool
    }

    static func account(_ userID: String, in tx: Transaction) throws -> Account? {
        try tx.row(
            "SELECT user_id, password_hash, is_deactivated, is_locked FROM userapi_accounts WHERE user_id = \(userID)",
            as: String.self, String?.self, Bool.self, Bool.self
        ).map { Account(userID: $0.0, passwordHash: $0.1, isDeactivated: $0.2, isLocked: $0.3) }
    }

    static func exists(_ userID: String, in tx: Transaction) throws -> Bool { try account(userID, in: tx) != nil }

    /// Keeps an account as it is until the transaction ends, and whatever is changed under this lock; false where there is none.
    static func lock(_ userID: String, in tx: Transaction) throws -> Bool {
        try tx.row("SELECT 1 FROM userapi_accounts WHERE user_id = \(userID) \(sql: .forUpdate)", as: Int.self) != nil
    }

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

    /// Makes a guest a user, which the registration that did so is known by; false where they are no guest.
    static func upgrade(_ userID: String, passwordHash: String?, key: [UInt8]?, in tx: Transaction) throws -> Bool {
        try tx.changes(
            """
            UPDATE userapi_accounts
            SET kind = \(AccountKind.user.rawValue), password_hash = \(passwordHash), registration_key = \(key)
            WHERE user_id = \(userID) AND kind = \(AccountKind.guest.rawValue)
            """) == 1
    }

    /// Of an account that is not deactivated.
    static func standing(_ userID: String, in tx: Transaction) throws -> QueryAccountStanding.Reply? {
        try tx.row(
            """
            SELECT is_admin, is_suspended, is_locked FROM userapi_accounts
            WHERE user_id = \(userID) AND is_deactivated = FALSE
            """, as: Bool.self, Bool.self, Bool.self
        ).map { QueryAccountStanding.Reply(isAdmin: $0.0, isSuspended: $0.1, isLocked: $0.2) }
    }

    /// False where there is no such account, or it is deactivated.
    static func setStanding(
        _ userID: String, isSuspended: Bool?, isLocked: Bool?, in tx: Transaction
    ) throws -> Bool {
        try tx.changes(
            """
            UPDATE userapi_accounts
            SET is_suspended = COALESCE(\(isSuspended), is_suspended), is_locked = COALESCE(\(isLocked), is_locked)
            WHERE user_id = \(userID) AND is_deactivated = FALSE
            """) == 1
    }

    /// Nobody logs in to the account any more.
    static func deactivate(_ userID: String, erases: Bool, in tx: Transaction) throws {
        try tx.run(
            """
            UPDATE userapi_accounts SET is_deactivated = TRUE, password_hash = NULL, is_erased = (is_erased OR \(erases))
            WHERE user_id = \(userID)
            """)
    }

    static func kind(of userID: String, in tx: Transaction) throws -> AccountKind? {
        try tx.row("SELECT kind FROM userapi_accounts WHERE user_id = \(userID)", as: String.self).flatMap { AccountKind(rawValue: $0) }
    }

    static func isErased(_ userID: String, in tx: Transaction) throws -> Bool {
        try tx.row("SELECT is_erased FROM userapi_accounts WHERE user_id = \(userID)", as: Bool.self) ?? false
    }

    /// False where there is no such account.
    static func setPasswordHash(_ hash: String, of userID: String, in tx: Transaction) throws -> Bool {
        try tx.changes("UPDATE userapi_accounts SET password_hash = \(hash) WHERE user_id = \(userID)") == 1
    }
}
