import SQL

/// Whose member event is wanted, within a stretch of a room's events.
struct MemberSpan: Sendable {
    var userID: String
    var span: RoomSpan
}

extension EventsTable {
    /// What of the rooms' states after the stretches' ends came within them, the oldest first in each: from the current state,
    /// and for the places that changed since, from what was there before.
    static func state(_ spans: [RoomSpan], withMembers: Bool = true, in tx: Transaction) throws -> [String: [StoredEvent]] {
        let spans = spans.filter { $0.low < $0.high }
        if spans.isEmpty { return [:] }
        let kinds: SQL = withMembers ? "" : "AND c.type <> 'm.room.member'"
        let wanted: SQL = """
            SELECT c.position FROM \(sql: spans.table) JOIN syncapi_current_state c ON c.room_id = s.room_id
                AND c.position > s.low AND c.position <= s.high \(sql: kinds)
            UNION ALL
            SELECT (
                SELECT MAX(b.position) FROM syncapi_events b
                WHERE b.room_id = c.room_id AND b.type = c.type AND b.state_key = c.state_key
                    AND b.is_current_state = \(true) AND b.position > s.low AND b.position <= s.high)
            FROM \(sql: spans.table) JOIN syncapi_current_state c ON c.room_id = s.room_id AND c.position > s.high \(sql: kinds)
            """
        return Dictionary(grouping: try select(
            from: "(\(sql: wanted)) w JOIN syncapi_events e ON e.position = w.position", order: "ORDER BY e.position", in: tx)
        ) { $0.roomID }
    }

    /// The event that holds a place of a room's current state.
    static func currentState(_ type: String, _ stateKey: String, room roomID: String, in tx: Transaction) throws -> StoredEvent? {
        try select(
            from: """
                syncapi_current_state c JOIN syncapi_events e ON e.position = c.position
                WHERE c.room_id = \(roomID) AND c.type = \(type) AND c.state_key = \(stateKey)
                """, order: "LIMIT 1", in: tx
        ).first
    }

    /// The member events in force at the stretches' ends, of those that came within them.
    static func members(_ wanted: [MemberSpan], in tx: Transaction) throws -> [String: [StoredEvent]] {
        if wanted.isEmpty { return [:] }
        let table: SQL = """
            (SELECT column1 AS user_id, column2 AS room_id, column3 AS low, column4 AS high
            FROM (\(rows: wanted.map { [$0.userID, $0.span.roomID, $0.span.low, $0.span.high] })) v) s
            """
        return Dictionary(grouping: try select(
            from: """
                \(sql: table) JOIN syncapi_events e ON e.position = (
                    SELECT MAX(m.position) FROM syncapi_events m
                    WHERE m.room_id = s.room_id AND m.type = 'm.room.member' AND m.state_key = s.user_id
                        AND m.is_current_state = \(true) AND m.position > s.low AND m.position <= s.high)
                """, order: "ORDER BY e.position", in: tx)
        ) { $0.roomID }
    }

    /// How a user's membership of rooms went, the oldest first.
    static func membershipHistories(
        of userID: String, rooms: [String], in tx: Transaction
    ) throws -> [String: MembershipHistory] {
        try membershipHistoriesAhead(of: userID, rooms: rooms, in: tx)()
    }

    /// The same with the next statement that is waited for.
    static func membershipHistoriesAhead(
        of userID: String, rooms: [String], in tx: Transaction
    ) throws -> () throws -> [String: MembershipHistory] {
        if rooms.isEmpty { return { [:] } }
        let found = try tx.ahead("""
            SELECT room_id, position, membership FROM syncapi_events
            WHERE room_id \(anyOf: rooms) AND type = 'm.room.member' AND state_key = \(userID) AND is_current_state = \(true)
            ORDER BY position
            """)
        return {
            Dictionary(grouping: try found.rows(as: String.self, Int64.self, String?.self), by: \.0).mapValues { rows in
                MembershipHistory(steps: rows.map { (position: $0.1, membership: $0.2 ?? "leave") })
            }
        }
    }
}
