import SQL

/// The events that notify whoever has the push rules that everybody begins with, and what they do otherwise to single users:
/// so that an event in a room of many is written once.
struct NotificationsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_notifications (
            position \(.integer) PRIMARY KEY,
            room_id \(.text) NOT NULL,
            thread_id \(.text) NOT NULL,
            sender \(.text) NOT NULL,
            highlights \(.integer) NOT NULL
        )
        """
    static let roomIndex: SQL = "CREATE INDEX syncapi_notifications_room ON syncapi_notifications (room_id, position)"
    static let differencesSchema: SQL = """
        CREATE TABLE syncapi_notification_differences (
            user_id \(.text) NOT NULL,
            room_id \(.text) NOT NULL,
            position \(.integer) NOT NULL,
            thread_id \(.text) NOT NULL,
            notifies \(.integer) NOT NULL,
            highlights \(.integer) NOT NULL,
            PRIMARY KEY (user_id, room_id, position)
        )
        """
    static let differencesIndex: SQL = """
        CREATE INDEX syncapi_notification_differences_position ON syncapi_notification_differences (position)
        """

    /// An event that notifies. Of no thread: `main`.
    struct Row: Sendable {
        var position: Int64
        var roomID: String
        var threadID: String
        var sender: String
        var highlights: Bool
    }

    /// How much more, or less, than everybody an event notifies a user.
    struct Difference: Sendable {
        var userID: String
        var roomID: String
        var position: Int64
        var threadID: String
        var notifies: Int64
        var highlights: Int64
    }

    static func insert(_ rows: [Row], in tx: Transaction) throws {
        for page in rows.pages(of: 500) {
            let values = page.map { row -> [any SQLBindable] in
                [row.position, row.roomID, row.threadID, row.sender, row.highlights ? 1 : 0]
            }
            try tx.later("""
                INSERT INTO syncapi_notifications (position, room_id, thread_id, sender, highlights) \(rows: values)
                """)
        }
    }

    static func insert(_ rows: [Difference], in tx: Transaction) throws {
        for page in rows.pages(of: 500) {
            let values = page.map { row -> [any SQLBindable] in
                [row.userID, row.roomID, row.position, row.threadID, row.notifies, row.highlights]
            }
            try tx.later("""
                INSERT INTO syncapi_notification_differences (user_id, room_id, position, thread_id, notifies, highlights)
                \(rows: values)
                """)
        }
    }

    /// What is redacted notifies nobody any more.
    static func remove(_ position: Int64, in tx: Transaction) throws {
        try tx.later("DELETE FROM syncapi_notifications WHERE position = \(position)")
        try tx.later("DELETE FROM syncapi_notification_differences WHERE position = \(position)")
    }

    /// All between two positions, with the next statement that is waited for.
    static func ahead(above low: Int64, through high: Int64, in tx: Transaction) throws -> () throws -> ([Row], [Difference]) {
        let rows = try tx.ahead("""
            SELECT position, room_id, thread_id, sender, highlights FROM syncapi_notifications
            WHERE position > \(low) AND position <= \(high) ORDER BY position
            """)
        let differences = try tx.ahead("""
            SELECT user_id, room_id, position, thread_id, notifies, highlights FROM syncapi_notification_differences
            WHERE position > \(low) AND position <= \(high) ORDER BY position
            """)
        return {
            (
                try rows.rows(as: Int64.self, String.self, String.self, String.self, Int64.self).map {
                    Row(position: $0, roomID: $1, threadID: $2, sender: $3, highlights: $4 > 0)
                },
                try differences.rows(as: String.self, String.self, Int64.self, String.self, Int64.self, Int64.self).map {
                    Difference(userID: $0, roomID: $1, position: $2, threadID: $3, notifies: $4, highlights: $5)
                }
            )
        }
    }

    /// How many events are counted in a room, at the most.
    static let mostCounted: Int64 = 500

    /// A room whose unread events are counted: those in a stretch; where there are receipts for threads, in each thread those
    /// after its own.
    struct Stretch: Sendable {
        var span: RoomSpan
        var hasThreadReceipts: Bool
    }

    /// What is unread for a user, by room and thread. Of more than a bound in a room, the newest.
    static func unread(_ stretches: [Stretch], of userID: String, in tx: Transaction) throws -> [String: UnreadCounts] {
        if stretches.isEmpty { return [:] }
        let values = stretches.map { [$0.span.roomID, $0.span.low, $0.span.high, $0.hasThreadReceipts ? 1 : 0] as [any SQLBindable] }
        let table: SQL = """
            (SELECT column1 AS room_id, column2 AS low, column3 AS high, column4 AS has_threads FROM (\(rows: values)) v) s
            """
        let within: SQL = """
            x.room_id = s.room_id AND x.position > s.low AND x.position <= s.high
                AND (s.has_threads = 0 OR x.position > COALESCE((
                    SELECT MAX(t.event_position) FROM syncapi_receipts t
                    WHERE t.room_id = x.room_id AND t.user_id = \(userID) AND t.type IN ('m.read', 'm.read.private')
                        AND t.thread_id = x.thread_id), 0))
            ORDER BY x.position DESC LIMIT \(mostCounted)
            """
        let rows = try tx.rows("""
            SELECT u.room_id, u.thread_id, CAST(SUM(u.notifies) AS BIGINT), CAST(SUM(u.highlights) AS BIGINT) FROM (
                SELECT n.room_id, n.thread_id, 1 AS notifies, n.highlights FROM \(sql: table)
                \(postgres: "CROSS JOIN LATERAL (SELECT x.*", sqlite: "JOIN syncapi_notifications n ON n.position IN (SELECT x.position")
                FROM syncapi_notifications x WHERE x.sender <> \(userID) AND \(sql: within)) \(postgres: "n", sqlite: "")
                UNION ALL
                SELECT n.room_id, n.thread_id, n.notifies, n.highlights FROM \(sql: table)
                \(postgres: "CROSS JOIN LATERAL (SELECT x.*",
                   sqlite: "JOIN syncapi_notification_differences n ON n.room_id = s.room_id AND n.position IN (SELECT x.position")
                FROM syncapi_notification_differences x WHERE x.user_id = \(userID) AND \(sql: within)) \(postgres: "n", sqlite: "")
                WHERE n.user_id = \(userID)
            ) u GROUP BY u.room_id, u.thread_id
            """, as: String.self, String.self, Int64.self, Int64.self)
        var counts: [String: UnreadCounts] = [:]
        for (roomID, threadID, notifications, highlights) in rows {
            counts[roomID, default: UnreadCounts()].add(notifications, highlights, in: threadID)
        }
        return counts
    }
}
