import SQL

/// Which event holds each place of a room's current state.
struct CurrentStateTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_current_state (
            room_id \(.text) NOT NULL,
            type \(.text) NOT NULL,
            state_key \(.text) NOT NULL,
            position \(.integer) NOT NULL,
            PRIMARY KEY (room_id, type, state_key)
        )
        """

    static let positionIndex: SQL = """
        CREATE INDEX syncapi_current_state_position ON syncapi_current_state (room_id, position)
        """

    /// For clients that load members lazily: the rest of a room's state, however many members it has.
    static let withoutMembersIndex: SQL = """
        CREATE INDEX syncapi_current_state_without_members ON syncapi_current_state (room_id, position)
        WHERE type <> 'm.room.member'
        """

    /// Of events at the same place the last counts.
    static func upsert(_ events: [StoredEvent], in tx: Transaction) throws {
        var last: [SlotKey: Int64] = [:]
        for event in events {
            guard let stateKey = event.stateKey else { continue }
            last[SlotKey(roomID: event.roomID, type: event.type, stateKey: stateKey)] = event.position
        }
        let rows = last.map { [$0.roomID, $0.type, $0.stateKey, $1] as [any SQLBindable] }
        for page in rows.pages(of: 500) {
            try tx.later("""
                INSERT INTO syncapi_current_state (room_id, type, state_key, position)
                \(rows: Array(page))
                ON CONFLICT (room_id, type, state_key) DO UPDATE SET position = excluded.position
                """)
        }
    }

    /// Which of the events hold their places to this day, by position.
    static func holding(_ events: [StoredEvent], in tx: Transaction) throws -> Set<Int64> {
        if events.isEmpty { return [] }
        return Set(try tx.rows("""
            SELECT position FROM syncapi_current_state
            WHERE (room_id, position) IN (\(rows: events.map { [$0.roomID, $0.position] as [any SQLBindable] }))
            """, as: Int64.self))
    }

    private struct SlotKey: Hashable {
        var roomID: String
        var type: String
        var stateKey: String
    }
}
