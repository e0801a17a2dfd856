import SQL

/// Which notifications no count has any more.
extension NotificationsTable {
    static let differencesRoomIndex: SQL = """
        CREATE INDEX syncapi_notification_differences_room ON syncapi_notification_differences (room_id, position)
        """

    /// So many of the newest in a room are kept for each user: a few more than are counted, since some may be redacted yet.
    static let kept = Int(mostCounted) + 100
    /// So many rows are deleted at once.
    static let atOnce: Int64 = 1_000

    /// A row beyond the newest that are kept for everybody but its sender.
    struct Reach: Sendable, Equatable {
        /// So are all at this position or below,
        var position: Int64
        /// if they are this user's; nil: whoever's they are.
        var sender: String?
    }

    /// How far the counts in a room reach back; nil: to the beginning.
    /// - Parameter newest: positions and senders, the newest first, all of them or as many as ``looked``.
    static func reach(of newest: [(position: Int64, sender: String)]) -> Reach? {
        var counts: [String: Int] = [:], most = 0
        for (index, row) in newest.enumerated() {
            let count = counts[row.sender, default: 0] + 1
            counts[row.sender] = count
            most = max(most, count)
            // Nobody is told of what they sent themselves.
            if index + 1 - most >= kept { return Reach(position: row.position - 1) }
        }
        guard newest.count >= looked, let last = newest.last else { return nil }
        return Reach(position: last.position - 1, sender: counts.max { $0.value < $1.value }?.key)
    }

    /// Of more than these the newest are mostly one user's.
    static let looked = 2 * kept

    static func hasAny(in roomID: String, through old: Int64, _ tx: Transaction) throws -> Bool {
        try tx.row("""
            SELECT 1 FROM syncapi_notifications WHERE room_id = \(roomID) AND position <= \(old) LIMIT 1
            """, as: Int.self) != nil
    }

    static func newest(in roomID: String, _ tx: Transaction) throws -> [(position: Int64, sender: String)] {
        try tx.rows("""
            SELECT position, sender FROM syncapi_notifications WHERE room_id = \(roomID)
            ORDER BY position DESC LIMIT \(Int64(looked))
            """, as: Int64.self, String.self
        ).map { (position: $0, sender: $1) }
    }

    /// Threads with rows up to a position, and with receipts of their own: the newest, and first of all everything together, as nil.
    static func threads(of roomID: String, through old: Int64, limit: Int64, in tx: Transaction) throws -> [String?] {
        [nil] + (try tx.rows("""
            SELECT n.thread_id FROM syncapi_notifications n
            WHERE n.room_id = \(roomID) AND n.position <= \(old)
                AND n.thread_id IN (SELECT r.thread_id FROM syncapi_receipts r WHERE r.room_id = \(roomID))
            GROUP BY n.thread_id ORDER BY MAX(n.position) DESC LIMIT \(limit)
            """, as: String.self))
    }

    /// Up to where everybody has read something.
    struct ReadByAll: Sendable, Equatable {
        /// All of a server's users who are in the room; nil: there are none.
        var everybody: Int64?
        /// Those of them who read a thread, whichever, beyond a reach: from others whatever is older is hidden by what is newer.
        var farReaders: Int64?
    }

    /// Of a thread, or of everything for all threads.
    static func readByAll(
        of roomID: String, thread: String?, reach: Reach?, on server: String, in tx: Transaction
    ) throws -> ReadByAll {
        let suffix = ":\(server)", length = Int64(suffix.unicodeScalars.count)
        let found = try tx.row("""
            SELECT MIN(f.read_to), MIN(CASE WHEN f.far > \(reach?.position ?? .max) THEN f.read_to END) FROM (
                SELECT m.user_id, COALESCE(MAX(CASE WHEN r.thread_id IN ('', \(thread ?? "")) THEN r.event_position END), 0) AS read_to,
                    MAX(CASE WHEN r.thread_id <> '' THEN r.event_position ELSE 0 END) AS far
                FROM syncapi_memberships m LEFT JOIN syncapi_receipts r
                    ON r.room_id = m.room_id AND r.user_id = m.user_id AND r.type IN ('m.read', 'm.read.private')
                WHERE m.room_id = \(roomID) AND m.membership = 'join'
                    AND \(postgres: "right(m.user_id, CAST(", sqlite: "substr(m.user_id, -(")\(length)\(postgres: " AS INTEGER))", sqlite: "))")
                        = \(suffix)
                GROUP BY m.user_id
            ) f
            """, as: Int64?.self, Int64?.self)
        return ReadByAll(everybody: found?.0, farReaders: found?.1)
    }

    /// Rows of a room that nobody's count has.
    struct Surplus: Sendable, Equatable {
        /// Nil: of all threads.
        var thread: String?
        /// Nil: whoever sent them.
        var sender: String?
        /// At this position and below.
        var through: Int64
    }

    /// Deletes some; returns whether there may be more.
    static func delete(_ surplus: Surplus, in roomID: String, _ tx: Transaction) throws -> Bool {
        let thread: SQL = surplus.thread.map { "AND thread_id = \($0)" } ?? ""
        let sender: SQL = surplus.sender.map { "AND sender = \($0)" } ?? ""
        let rows: SQL = """
            FROM syncapi_notifications
            WHERE room_id = \(roomID) AND position <= \(surplus.through) \(sql: thread) \(sql: sender)
            """
        return try tx.changes("""
            DELETE \(sql: rows) AND position <= COALESCE(
                (SELECT position \(sql: rows) ORDER BY position LIMIT 1 OFFSET \(atOnce - 1)), \(surplus.through))
            """) == Int(atOnce)
    }

    /// Deletes some differences of users who have read that far, or are not in the room any more; returns whether there may be more.
    static func deleteReadDifferences(in roomID: String, through old: Int64, _ tx: Transaction) throws -> Bool {
        try tx.changes("""
            DELETE FROM syncapi_notification_differences
            WHERE room_id = \(roomID) AND (user_id, position) IN (
                SELECT d.user_id, d.position FROM syncapi_notification_differences d
                WHERE d.room_id = \(roomID) AND d.position <= \(old) AND (
                    EXISTS (SELECT 1 FROM syncapi_receipts r
                        WHERE r.room_id = d.room_id AND r.user_id = d.user_id AND r.type IN ('m.read', 'm.read.private')
                            AND r.thread_id IN ('', d.thread_id) AND r.event_position >= d.position)
                    OR NOT EXISTS (SELECT 1 FROM syncapi_memberships m
                        WHERE m.room_id = d.room_id AND m.user_id = d.user_id AND m.membership = 'join'))
                ORDER BY d.position LIMIT \(atOnce))
            """) == Int(atOnce)
    }

    /// Those who have more differences in a room than are kept, in order.
    static func usersWithMany(in roomID: String, after userID: String, limit: Int64, _ tx: Transaction) throws -> [String] {
        try tx.rows("""
            SELECT user_id FROM syncapi_notification_differences WHERE room_id = \(roomID) AND user_id > \(userID)
            GROUP BY user_id HAVING COUNT(*) > \(Int64(kept)) ORDER BY user_id LIMIT \(limit)
            """, as: String.self)
    }

    /// Deletes some differences of a user beyond the newest that are kept, unless they read a thread, whichever, further than that;
    /// returns whether there may be more.
    static func deleteHiddenDifferences(
        of userID: String, in roomID: String, through old: Int64, _ tx: Transaction
    ) throws -> Bool {
        let reach = try tx.row("""
            SELECT position FROM syncapi_notification_differences WHERE user_id = \(userID) AND room_id = \(roomID)
            ORDER BY position DESC LIMIT 1 OFFSET \(Int64(kept))
            """, as: Int64.self)
        let far = try tx.row("""
            SELECT MAX(event_position) FROM syncapi_receipts
            WHERE room_id = \(roomID) AND user_id = \(userID) AND type IN ('m.read', 'm.read.private') AND thread_id <> ''
            """, as: Int64?.self) ?? nil
        guard let reach, far ?? 0 <= reach else { return false }
        let rows: SQL = """
            FROM syncapi_notification_differences
            WHERE user_id = \(userID) AND room_id = \(roomID) AND position <= \(min(reach, old))
            """
        return try tx.changes("""
            DELETE \(sql: rows) AND position <= COALESCE(
                (SELECT position \(sql: rows) ORDER BY position LIMIT 1 OFFSET \(atOnce - 1)), \(min(reach, old)))
            """) == Int(atOnce)
    }
}
