import SQL

/// The threads of each room: how many answers each has, and where the last of them is.
struct ThreadsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_threads (
            room_id \(.text) NOT NULL,
            root_id \(.text) NOT NULL,
            last_position \(.integer) NOT NULL,
            replies \(.integer) NOT NULL,
            PRIMARY KEY (room_id, root_id)
        )
        """
    static let lastIndex: SQL = "CREATE INDEX syncapi_threads_last ON syncapi_threads (room_id, last_position)"

    /// Counts answers, those of each batch in their order.
    static func extend(with rows: [RelationsTable.Row], in tx: Transaction) throws {
        var threads: [Root: (last: Int64, replies: Int64)] = [:]
        for row in rows where row.relation.type == Relation.thread {
            let root = Root(roomID: row.roomID, rootID: row.relation.parentID)
            threads[root] = (row.position, (threads[root]?.replies ?? 0) + 1)
        }
        if threads.isEmpty { return }
        try tx.later("""
            INSERT INTO syncapi_threads (room_id, root_id, last_position, replies)
            \(rows: threads.map { [$0.roomID, $0.rootID, $1.last, $1.replies] as [any SQLBindable] })
            ON CONFLICT (room_id, root_id) DO UPDATE SET last_position = CASE
                    WHEN excluded.last_position > syncapi_threads.last_position THEN excluded.last_position
                    ELSE syncapi_threads.last_position END,
                replies = syncapi_threads.replies + excluded.replies
            """)
    }

    /// Counts one answer less, after it is gone from the relations.
    static func shrink(_ rootID: String, room roomID: String, in tx: Transaction) throws {
        try tx.later("""
            UPDATE syncapi_threads SET replies = replies - 1, last_position = COALESCE((
                SELECT MAX(r.position) FROM syncapi_relations r
                WHERE r.parent_id = \(rootID) AND r.rel_type = \(Relation.thread) AND r.room_id = \(roomID)), 0)
            WHERE room_id = \(roomID) AND root_id = \(rootID)
            """)
        try tx.later("""
            DELETE FROM syncapi_threads WHERE room_id = \(roomID) AND root_id = \(rootID) AND last_position = 0
            """)
    }

    /// The threads of a room whose last answer is not above a position, the last answered first; where a participant is named,
    /// those that this user began or answered.
    static func last(
        of roomID: String, through high: Int64, participant: String?, limit: Int, in tx: Transaction
    ) throws -> [(rootID: String, last: Int64)] {
        let condition: SQL = participant.map { """
            AND (EXISTS (SELECT 1 FROM syncapi_relations r
                    WHERE r.parent_id = t.root_id AND r.rel_type = \(Relation.thread) AND r.sender = \($0) AND r.room_id = t.room_id)
                OR EXISTS (SELECT 1 FROM syncapi_events e WHERE e.event_id = t.root_id AND e.sender = \($0)))
            """ } ?? ""
        return try tx.rows("""
            SELECT t.root_id, t.last_position FROM syncapi_threads t
            WHERE t.room_id = \(roomID) AND t.last_position <= \(high) \(sql: condition)
            ORDER BY t.last_position DESC LIMIT \(Int64(limit))
            """, as: String.self, Int64.self
        ).map { (rootID: $0, last: $1) }
    }

    private struct Root: Hashable {
        var roomID: String
        var rootID: String
    }
}
