import Contracts
import SQL

/// Validations of addresses, under way and done, until they are too old. Of the client's secret, and of the tokens that
/// were sent, there are only hashes.
enum ValidationTable {
    struct Begun: Sendable {
        var sid: String
        /// The highest attempt for which a mail went out.
        var sendAttempt: Int64
    }

    struct Validated: Sendable {
        var threePID: ThreePID
        var validatedTS: Int64
    }

    /// The validation that was begun with this secret, or a new one, kept as it is by its lock until the transaction ends.
    static func begin(
        _ threePID: ThreePID, for purpose: ValidationPurpose, secret: [UInt8], newSID: String, lastingMS: Int64,
        in tx: Transaction
    ) throws -> Begun? {
        let isThis: SQL = """
            secret_hash = \(secret) AND medium = \(threePID.medium) AND address = \(threePID.address)
            AND purpose = \(purpose.rawValue)
            """
        try tx.run("DELETE FROM userapi_validations WHERE \(sql: isThis) AND expires_ts <= \(sql: .now)")
        try tx.run(
            """
            INSERT INTO userapi_validations (sid, secret_hash, medium, address, purpose, send_attempt, expires_ts)
            VALUES (
                \(newSID), \(secret), \(threePID.medium), \(threePID.address), \(purpose.rawValue), -1,
                \(sql: .now) + \(lastingMS)
            )
            ON CONFLICT DO NOTHING
            """)
        return try tx.row(
            "SELECT sid, send_attempt FROM userapi_validations WHERE \(sql: isThis) \(sql: .forUpdate)",
            as: String.self, Int64.self
        ).map { Begun(sid: $0.0, sendAttempt: $0.1) }
    }

    /// Notes that a mail with this token goes out.
    static func send(
        _ token: [UInt8], of sid: String, attempt: Int64, nextLink: String?, in tx: Transaction
    ) throws {
        try tx.run("UPDATE userapi_validations SET send_attempt = \(attempt), next_link = \(nextLink) WHERE sid = \(sid)")
        try tx.run("INSERT INTO userapi_validation_tokens (token_hash, sid, sent_ts) VALUES (\(token), \(sid), \(sql: .now))")
    }

    /// Takes back that a mail went out, unless another has since.
    static func unsend(_ token: [UInt8], of sid: String, attempt: Int64, before: Int64, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_validation_tokens WHERE token_hash = \(token)")
        try tx.run(
            "UPDATE userapi_validations SET send_attempt = \(before) WHERE sid = \(sid) AND send_attempt = \(attempt)")
    }

    /// How many mails went to an address within the last so many milliseconds.
    static func mails(to threePID: ThreePID, withinMS: Int64, in tx: Transaction) throws -> Int64 {
        try tx.row(
            """
            SELECT COUNT(*) FROM userapi_validation_tokens t JOIN userapi_validations v ON v.sid = t.sid
            WHERE v.medium = \(threePID.medium) AND v.address = \(threePID.address)
                AND t.sent_ts > \(sql: .now) - \(withinMS)
            """, as: Int64.self) ?? 0
    }

    /// Notes that a token was shown; false where it was never sent, or is too old.
    static func validate(_ sid: String, by token: [UInt8], lastingMS: Int64, in tx: Transaction) throws -> Bool {
        try tx.changes(
            """
            UPDATE userapi_validations
            SET validated_ts = COALESCE(validated_ts, \(sql: .now)), expires_ts = \(sql: .now) + \(lastingMS)
            WHERE sid = \(sid) AND expires_ts > \(sql: .now) AND EXISTS (
                SELECT 1 FROM userapi_validation_tokens t WHERE t.token_hash = \(token) AND t.sid = userapi_validations.sid
            )
            """) == 1
    }

    static func nextLink(of sid: String, in tx: Transaction) throws -> String? {
        try tx.row("SELECT next_link FROM userapi_validations WHERE sid = \(sid)", as: String?.self) ?? nil
    }

    /// A validation that is done, and whose secret this is where one is given.
    static func validated(
        _ sid: String, for purpose: ValidationPurpose, secret: [UInt8]? = nil, in tx: Transaction
    ) throws -> Validated? {
        guard
            let row = try tx.row(
                """
                SELECT secret_hash, medium, address, validated_ts FROM userapi_validations
                WHERE sid = \(sid) AND purpose = \(purpose.rawValue) AND validated_ts IS NOT NULL AND expires_ts > \(sql: .now)
                """, as: [UInt8].self, String.self, String.self, Int64.self)
        else { return nil }
        if let secret, secret != row.0 { return nil }
        return Validated(threePID: ThreePID(medium: row.1, address: row.2), validatedTS: row.3)
    }

    /// Uses a validation up; false where it is not done, is too old, or was used up before.
    static func spend(_ sid: String, for purpose: ValidationPurpose, in tx: Transaction) throws -> Bool {
        try tx.changes(
            """
            DELETE FROM userapi_validations
            WHERE sid = \(sid) AND purpose = \(purpose.rawValue) AND validated_ts IS NOT NULL AND expires_ts > \(sql: .now)
            """) == 1
    }

    static func prune(in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_validations WHERE expires_ts <= \(sql: .now)")
        try tx.run(
            """
            DELETE FROM userapi_validation_tokens
            WHERE NOT EXISTS (SELECT 1 FROM userapi_validations v WHERE v.sid = userapi_validation_tokens.sid)
            """)
    }
}
