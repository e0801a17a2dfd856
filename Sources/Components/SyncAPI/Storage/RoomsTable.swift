import SQL

/// Where each room stands: its last change of any kind, and how many are in it.
struct RoomsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_rooms (
            room_id \(.text) PRIMARY KEY,
            last_position \(.integer) NOT NULL,
            joined \(.integer) NOT NULL DEFAULT 0,
            invited \(.integer) NOT NULL DEFAULT 0
        )
        """
    static let positionIndex: SQL = "CREATE INDEX syncapi_rooms_position ON syncapi_rooms (last_position)"

    /// What a batch changes of a room.
    struct Change: Sendable {
        var position: Int64 = 0
        var joined: Int64 = 0
        var invited: Int64 = 0
    }

    static func touch(_ roomID: String, position: Int64, in tx: Transaction) throws {
        try touch([roomID: Change(position: position)], in: tx)
    }

    static func touch(_ changes: [String: Change], in tx: Transaction) throws {
        let rows = changes.map { [$0, $1.position, $1.joined, $1.invited] as [any SQLBindable] }
        for page in rows.pages(of: 500) {
            try tx.later("""
                INSERT INTO syncapi_rooms (room_id, last_position, joined, invited)
                \(rows: Array(page))
                ON CONFLICT (room_id) DO UPDATE SET last_position = excluded.last_position,
                    joined = syncapi_rooms.joined + excluded.joined, invited = syncapi_rooms.invited + excluded.invited
                """)
        }
    }

    /// The rooms in which something last happened above a position and not above another, in that order: so many, and all
    /// that share the last one's position.
    static func touched(
        above low: Int64, through high: Int64, limit: Int64, in tx: Transaction
    ) throws -> [(position: Int64, roomID: String)] {
        try tx.rows("""
            SELECT last_position, room_id FROM syncapi_rooms
            WHERE last_position > \(low) AND last_position <= COALESCE((
                SELECT last_position FROM syncapi_rooms WHERE last_position > \(low) AND last_position <= \(high)
                ORDER BY last_position LIMIT 1 OFFSET \(limit - 1)), \(high))
            ORDER BY last_position
            """, as: Int64.self, String.self
        ).map { (position: $0, roomID: $1) }
    }

    static func counts(_ rooms: [String], in tx: Transaction) throws -> [String: (joined: Int64, invited: Int64)] {
        if rooms.isEmpty { return [:] }
        let rows = try tx.rows(
            "SELECT room_id, joined, invited FROM syncapi_rooms WHERE room_id \(anyOf: rooms)", as: String.self, Int64.self,
            Int64.self)
        return Dictionary(rows.map { ($0.0, (joined: $0.1, invited: $0.2)) }) { $1 }
    }
}
