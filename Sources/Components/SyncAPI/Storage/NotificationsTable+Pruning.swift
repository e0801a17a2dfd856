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

    /// Up to where each of a server's users who are in a room has read a thread, or nil for all threads, everything; nil: there are
    /// no such users.
    /// - Parameter reach: looks only at those who read a thread, whichever, beyond it: from others whatever is older is hidden by
    ///   what is newer.
    static func readByAll(
        of roomID: String, thread: String?, beyond reach: Int64? = nil, on server: String, in tx: Transaction
    ) throws -> Int64? {
        let suffix = ":\(server)", length = Int64(suffix.unicodeScalars.count)
        return try tx.row("""
            SELECT MIN(f.read_to) FROM (
                SELECT m.user_id, COALESCE(MAX(CASE WHEN r.thread_id IN ('', \(thread ?? "")) THEN r.event_position END), 0) AS read_to
                FROM syncapi_memberships m LEFT JOIN syncapi_receipts r
                    ON r.room_id = m.room_id AND r.user_id = m.user_id AND r.type IN ('m.read', 'm.read.private')
                WHERE m.room_id = \(roomID) AND m.membership = 'join'
                    AND \(postgres: "right(m.user_id, CAST(", sqlite: "substr(m.user_id, -(")\(length)\(postgres: " AS INTEGER))", sqlite: "))")
                        = \(suffix)
                GROUP BY m.user_id
                HAVING MAX(CASE WHEN r.thread_id <> '' THEN r.event_position ELSE 0 END) > \(reach ?? -1)
            ) f
            """, as: Int64?.self) ?? nil
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
        return try tx.changes("""
            DELETE FROM syncapi_notifications WHERE position IN (
                SELECT position FROM syncapi_notifications
                WHERE room_id = \(roomID) AND position <= \(surplus.through) \(sql: thread) \(sql: sender)
                ORDER BY position LIMIT \(atOnce))
            """) == Int(atOnce)
    }

    /// Deletes some differences of users who have read that far, or are not in the room any more; returns whether there may be more.
    static func deleteReadDifferences(in roomID: String, through old: Int64, _ tx: Transaction) throws -> Bool {
        try delete("""
            SELECT d.user_id, d.position FROM syncapi_notification_differences d
            WHERE d.room_id = \(roomID) AND d.position <= \(old) AND (
                EXISTS (SELECT 1 FROM syncapi_receipts r
                    WHERE r.room_id = d.room_id AND r.user_id = d.user_id AND r.type IN ('m.read', 'm.read.private')
                        AND r.thread_id IN ('', d.thread_id) AND r.event_position >= d.position)
                OR NOT EXISTS (SELECT 1 FROM syncapi_memberships m
                    WHERE m.room_id = d.room_id AND m.user_id = d.user_id AND m.membership = 'join'))
            ORDER BY d.position LIMIT \(atOnce)
            """, in: roomID, tx)
    }

    /// Deletes some differences beyond the newest that are kept for a user, unless they read a thread, whichever, further than that;
    /// returns whether there may be more.
    static func deleteHiddenDifferences(in roomID: String, through old: Int64, _ tx: Transaction) throws -> Bool {
        try delete("""
            SELECT d.user_id, d.position FROM syncapi_notification_differences d JOIN (
                SELECT p.user_id, (
                    SELECT x.position FROM syncapi_notification_differences x
                    WHERE x.user_id = p.user_id AND x.room_id = \(roomID) ORDER BY x.position DESC LIMIT 1 OFFSET \(Int64(kept))
                ) AS reach
                FROM (
                    SELECT user_id FROM syncapi_notification_differences WHERE room_id = \(roomID)
                    GROUP BY user_id HAVING COUNT(*) > \(Int64(kept))
                ) p
            ) h ON h.user_id = d.user_id
            WHERE d.room_id = \(roomID) AND d.position <= \(old) AND d.position <= h.reach
                AND NOT EXISTS (SELECT 1 FROM syncapi_receipts r
                    WHERE r.room_id = d.room_id AND r.user_id = d.user_id AND r.type IN ('m.read', 'm.read.private')
                        AND r.thread_id <> '' AND r.event_position > h.reach)
            ORDER BY d.position LIMIT \(atOnce)
            """, in: roomID, tx)
    }

    private static func delete(_ found: SQL, in roomID: String, _ tx: Transaction) throws -> Bool {
        try tx.changes("""
            DELETE FROM syncapi_notification_differences
            WHERE room_id = \(roomID) AND (user_id, position) IN (SELECT f.user_id, f.position FROM (\(sql: found)) f)
            """) == Int(atOnce)
    }
}
