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

    static func upsert(_ event: StoredEvent, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO syncapi_current_state (room_id, type, state_key, position)
            VALUES (\(event.roomID), \(event.type), \(event.stateKey), \(event.position))
            ON CONFLICT (room_id, type, state_key) DO UPDATE SET position = excluded.position
            """)
    }
}
