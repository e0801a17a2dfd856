import Contracts
import SQL

/// Which addresses elsewhere belong to which account: each to one at most.
enum ThreePIDTable {
    static func owner(of threePID: ThreePID, in tx: Transaction) throws -> String? {
        try tx.row(
            "SELECT user_id FROM userapi_threepids WHERE medium = \(threePID.medium) AND address = \(threePID.address)",
            as: String.self)
    }

    static func threePIDs(of userID: String, in tx: Transaction) throws -> [AccountThreePID] {
        try tx.rows(
            """
            SELECT medium, address, validated_ts, added_ts FROM userapi_threepids
            WHERE user_id = \(userID) ORDER BY added_ts, medium, address
            """, as: String.self, String.self, Int64.self, Int64.self
        ).map { AccountThreePID(threePID: ThreePID(medium: $0.0, address: $0.1), validatedTS: $0.2, addedTS: $0.3) }
    }

    /// Whether a user has this many addresses, or more.
    static func hasEntries(_ count: Int, of userID: String, in tx: Transaction) throws -> Bool {
        try tx.row("SELECT 1 FROM userapi_threepids WHERE user_id = \(userID) LIMIT 1 OFFSET \(count - 1)", as: Int.self) != nil
    }

    static func delete(_ threePID: ThreePID, of userID: String, in tx: Transaction) throws {
        try tx.run(
            """
            DELETE FROM userapi_threepids
            WHERE medium = \(threePID.medium) AND address = \(threePID.address) AND user_id = \(userID)
            """)
    }

    static func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_threepids WHERE user_id = \(userID)")
    }

    /// False where the address belongs to somebody.
    static func insert(
        _ threePID: ThreePID, of userID: String, validatedTS: Int64, in tx: Transaction
    ) throws -> Bool {
        try tx.changes(
            """
            INSERT INTO userapi_threepids (medium, address, user_id, validated_ts, added_ts)
            VALUES (\(threePID.medium), \(threePID.address), \(userID), \(validatedTS), \(sql: .now))
            ON CONFLICT DO NOTHING
            """) == 1
    }
}
