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

    /// The receipts within the stretches that the user may see, by room: all but others' private ones.
    static func receipts(_ spans: [RoomSpan], for userID: String, in tx: Transaction) throws -> [String: [Receipt]] {
        let receipts = try select(spans, "r.type <> 'm.read.private' OR r.user_id = \(userID)", in: tx)
        return Dictionary(grouping: receipts.map(\.receipt)) { $0.roomID }
    }

    /// All receipts within the stretches, others' private ones too.
    static func all(_ spans: [RoomSpan], in tx: Transaction) throws -> [(position: Int64, receipt: Receipt)] {
        try select(spans, "TRUE", in: tx)
    }

    /// How far a user has read each room: all of it up to a position, and whether there is more to say of threads.
    static func read(
        by userID: String, rooms: [String], in tx: Transaction
    ) throws -> [String: (upTo: Int64, hasThreads: Bool)] {
        if rooms.isEmpty { return [:] }
        let rows = try tx.rows("""
            SELECT room_id, thread_id, event_position FROM syncapi_receipts
            WHERE room_id \(anyOf: rooms) AND user_id = \(userID) AND type IN ('m.read', 'm.read.private')
            """, as: String.self, String.self, Int64.self)
        var found: [String: (upTo: Int64, hasThreads: Bool)] = [:]
        for (roomID, threadID, position) in rows {
            var room = found[roomID] ?? (upTo: 0, hasThreads: false)
            if threadID.isEmpty { room.upTo = max(room.upTo, position) } else { room.hasThreads = true }
            found[roomID] = room
        }
        return found
    }

    private static func select(
        _ spans: [RoomSpan], _ condition: SQL, in tx: Transaction
    ) throws -> [(position: Int64, receipt: Receipt)] {
        if spans.isEmpty { return [] }
        return try tx.rows("""
            SELECT r.position, r.room_id, r.user_id, r.type, r.thread_id, r.event_id, r.ts
            FROM \(sql: spans.table)
            JOIN syncapi_receipts r ON r.room_id = s.room_id AND r.position > s.low AND r.position <= s.high
            WHERE \(sql: condition) ORDER BY r.position
            """, as: Int64.self, String.self, String.self, String.self, String.self, String.self, Int64.self
        ).map { position, room, user, type, thread, event, timestamp in
            let threadID = thread.isEmpty ? nil : thread
            return (position, Receipt(roomID: room, userID: user, type: type, eventID: event, threadID: threadID, timestamp: timestamp))
        }
    }
}
