import SQL
import Topics

extension Receipt {
    /// Whether it is for the user alone.
    var isPrivate: Bool { type == "m.read.private" }
}

/// What each user has read of each room, by thread.
struct ReceiptsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_receipts (
            room_id \(.text) NOT NULL,
            user_id \(.text) NOT NULL,
            type \(.text) NOT NULL,
            thread_id \(.text) NOT NULL,
            event_id \(.text) NOT NULL,
            event_position \(.integer) NOT NULL,
            ts \(.integer) NOT NULL,
            position \(.integer) NOT NULL,
            PRIMARY KEY (room_id, user_id, type, thread_id)
        )
        """
    static let positionIndex: SQL = "CREATE INDEX syncapi_receipts_position ON syncapi_receipts (room_id, position)"

    /// Moves a receipt forward; one that would move it back changes nothing. An unknown event counts as the newest.
    static func record(_ receipt: Receipt, position: Int64, in tx: Transaction) throws -> Bool {
        let event = try tx.row("""
            SELECT position FROM syncapi_events WHERE event_id = \(receipt.eventID) AND room_id = \(receipt.roomID)
            """, as: Int64.self) ?? position
        return try tx.changes("""
            INSERT INTO syncapi_receipts (room_id, user_id, type, thread_id, event_id, event_position, ts, position)
            VALUES (\(receipt.roomID), \(receipt.userID), \(receipt.type), \(receipt.threadID ?? ""), \(receipt.eventID),
                \(event), \(receipt.timestamp), \(position))
            ON CONFLICT (room_id, user_id, type, thread_id) DO UPDATE SET event_id = excluded.event_id,
                event_position = excluded.event_position, ts = excluded.ts, position = excluded.position
            WHERE excluded.event_position > syncapi_receipts.event_position
            """) > 0
    }

    /// The receipts of a room above a position that the user may see: all but others' private ones.
    static func receipts(room roomID: String, for userID: String, above position: Int64, in tx: Transaction) throws -> [Receipt] {
        try tx.rows("""
            SELECT user_id, type, thread_id, event_id, ts FROM syncapi_receipts
            WHERE room_id = \(roomID) AND position > \(position) AND (type <> 'm.read.private' OR user_id = \(userID))
            ORDER BY position
            """, as: String.self, String.self, String.self, String.self, Int64.self
        ).map {
            Receipt(roomID: roomID, userID: $0, type: $1, eventID: $3, threadID: $2.isEmpty ? nil : $2, timestamp: $4)
        }
    }
}
