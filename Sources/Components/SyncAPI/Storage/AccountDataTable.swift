import Matrix
import SQL
import Topics

/// Account data as the userapi told it. Global data has the empty room ID.
struct AccountDataTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_account_data (
            user_id \(.text) NOT NULL,
            room_id \(.text) NOT NULL,
            type \(.text) NOT NULL,
            content \(.bytes) NOT NULL,
            position \(.integer) NOT NULL,
            PRIMARY KEY (user_id, room_id, type)
        )
        """
    static let positionIndex: SQL = "CREATE INDEX syncapi_account_data_position ON syncapi_account_data (user_id, position)"

    static func upsert(_ data: ClientData, position: Int64, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO syncapi_account_data (user_id, room_id, type, content, position)
            VALUES (\(data.userID), \(data.roomID ?? ""), \(data.type), \(data.content.bytes), \(position))
            ON CONFLICT (user_id, room_id, type) DO UPDATE SET content = excluded.content, position = excluded.position
            """)
    }

    static func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.later("DELETE FROM syncapi_account_data WHERE user_id = \(userID)")
    }

    /// What of a user's data was set above a position, by room.
    static func changed(
        of userID: String, above position: Int64, in tx: Transaction
    ) throws -> [String: [(type: String, content: [UInt8])]] {
        let rows = try tx.rows("""
            SELECT room_id, type, content FROM syncapi_account_data
            WHERE user_id = \(userID) AND position > \(position) ORDER BY position
            """, as: String.self, String.self, [UInt8].self)
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map { (type: $0.1, content: $0.2) } }
    }

    /// One piece of a user's global data, with the next statement that is waited for.
    static func contentAhead(_ type: String, of userID: String, in tx: Transaction) throws -> () throws -> [UInt8]? {
        let found = try tx.ahead("""
            SELECT content FROM syncapi_account_data WHERE user_id = \(userID) AND room_id = '' AND type = \(type)
            """)
        return { try found.rows(as: [UInt8].self).first }
    }

    /// All the data of a user in some rooms, by room.
    static func data(
        of userID: String, rooms: [String], in tx: Transaction
    ) throws -> [String: [(type: String, content: [UInt8])]] {
        if rooms.isEmpty { return [:] }
        let rows = try tx.rows("""
            SELECT room_id, type, content FROM syncapi_account_data
            WHERE user_id = \(userID) AND room_id \(anyOf: rooms) ORDER BY type
            """, as: String.self, String.self, [UInt8].self)
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map { (type: $0.1, content: $0.2) } }
    }
}

/// Account data as an event, with the content's own bytes.
func accountDataEvent(_ type: String, _ content: [UInt8]) -> RawJSON {
    var writer = JSONWriter(capacity: content.count + type.utf8.count + 32)
    writer.literal("{\"content\":")
    writer.bytes.append(contentsOf: content)
    writer.literal(",\"type\":")
    writer.string(type)
    writer.byte("}")
    return RawJSON(trusted: writer.bytes)
}
