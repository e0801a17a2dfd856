import SQL

/// Account data as it is now, global (no room) and by room.
enum AccountDataTable {
    static func content(of userID: String, roomID: String?, type: String, in tx: Transaction) throws -> [UInt8]? {
        try tx.row(
            """
            SELECT content FROM userapi_account_data
            WHERE user_id = \(userID) AND room_id = \(roomID ?? "") AND type = \(type)
            """, as: [UInt8].self)
    }

    /// Whether a user has so many pieces, or more.
    static func hasEntries(_ count: Int, of userID: String, in tx: Transaction) throws -> Bool {
        try tx.row(
            "SELECT 1 FROM userapi_account_data WHERE user_id = \(userID) LIMIT 1 OFFSET \(count - 1)", as: Int.self) != nil
    }

    static func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_account_data WHERE user_id = \(userID)")
    }

    static func upsert(
        _ content: [UInt8], of userID: String, roomID: String?, type: String, in tx: Transaction
    ) throws {
        try tx.run(
            """
            INSERT INTO userapi_account_data (user_id, room_id, type, content)
            VALUES (\(userID), \(roomID ?? ""), \(type), \(content))
            ON CONFLICT (user_id, room_id, type) DO UPDATE SET content = excluded.content
            """)
    }
}
