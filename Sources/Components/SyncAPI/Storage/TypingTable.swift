import SQL
import Topics

/// Who is typing, and when that changed in each room.
struct TypingTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_typing (
            room_id \(.text) NOT NULL,
            user_id \(.text) NOT NULL,
            expires_ts \(.integer) NOT NULL,
            PRIMARY KEY (room_id, user_id)
        )
        """
    static let roomsSchema: SQL = """
        CREATE TABLE syncapi_typing_rooms (room_id \(.text) PRIMARY KEY, position \(.integer) NOT NULL)
        """

    static let expiryIndex: SQL = "CREATE INDEX syncapi_typing_expiry ON syncapi_typing (expires_ts)"

    /// The longest that typing lasts when nothing more is heard of it, in milliseconds: whatever another clock says.
    private static let longest: Int64 = 120_000

    /// Returns whether that changed who is typing.
    static func record(_ typing: Typing, position: Int64, in tx: Transaction) throws -> Bool {
        let now = try tx.now
        // How long is worth more than until when, which is by another's clock.
        let lasts = min(typing.lastsMS ?? typing.expiresTS - now, longest)
        guard typing.isTyping, lasts > 0 else {
            return try stop(typing.userID, in: typing.roomID, position: position, tx)
        }
        let expires = now + lasts
        let wasTyping = try tx.row("""
            SELECT 1 FROM syncapi_typing WHERE room_id = \(typing.roomID) AND user_id = \(typing.userID)
            """, as: Int64.self) != nil
        try tx.run("""
            INSERT INTO syncapi_typing (room_id, user_id, expires_ts) VALUES (\(typing.roomID), \(typing.userID), \(expires))
            ON CONFLICT (room_id, user_id) DO UPDATE SET expires_ts = excluded.expires_ts
            """)
        if !wasTyping { try touch(typing.roomID, position: position, in: tx) }
        return !wasTyping
    }

    /// Returns whether the user was typing.
    @discardableResult
    static func stop(_ userID: String, in roomID: String, position: Int64, _ tx: Transaction) throws -> Bool {
        let ended = try tx.changes("DELETE FROM syncapi_typing WHERE room_id = \(roomID) AND user_id = \(userID)") > 0
        if ended { try touch(roomID, position: position, in: tx) }
        return ended
    }

    /// Ends what has expired, or would last too long because the clock was set back. Returns the rooms that it changed.
    static func expire(before now: Int64, position: Int64, in tx: Transaction) throws -> [String] {
        let ended: [String] = try tx.rows("""
            DELETE FROM syncapi_typing WHERE expires_ts <= \(now) OR expires_ts > \(now + longest) RETURNING room_id
            """, as: String.self)
        let rooms = Set(ended)
        for room in rooms { try touch(room, position: position, in: tx) }
        return Array(rooms)
    }

    /// Whether there is something for ``expire(before:position:in:)``; nil where nobody types.
    static func isAnyExpired(in tx: Transaction) throws -> Bool? {
        guard let (first, last) = try tx.row(
            "SELECT MIN(expires_ts), MAX(expires_ts) FROM syncapi_typing", as: Int64?.self, Int64?.self), let first, let last
        else { return nil }
        let now = try tx.now
        return first <= now || last > now + longest
    }

    /// Who is typing in the rooms where that changed within the stretches.
    static func changed(_ spans: [RoomSpan], in tx: Transaction) throws -> [String: [String]] {
        if spans.isEmpty { return [:] }
        let rows = try tx.rows("""
            SELECT r.room_id, t.user_id
            FROM \(sql: spans.table) JOIN syncapi_typing_rooms r ON r.room_id = s.room_id
                AND r.position > s.low AND r.position <= s.high
            LEFT JOIN syncapi_typing t ON t.room_id = r.room_id
            ORDER BY t.user_id
            """, as: String.self, String?.self)
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.compactMap(\.1) }
    }

    private static func touch(_ roomID: String, position: Int64, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO syncapi_typing_rooms (room_id, position) VALUES (\(roomID), \(position))
            ON CONFLICT (room_id) DO UPDATE SET position = excluded.position
            """)
        try RoomsTable.touch(roomID, position: position, in: tx)
    }
}
