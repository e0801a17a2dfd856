import SQL

/// `roomserver_aliases`: this server's names for rooms.
enum AliasTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_aliases (
                alias \(.text) NOT NULL PRIMARY KEY,
                room_nid \(.integer) NOT NULL,
                creator \(.text) NOT NULL,
                created_ts \(.integer) NOT NULL
            )
            """,
            "CREATE INDEX roomserver_aliases_room ON roomserver_aliases (room_nid)",
        ]
    }

    /// False where the alias is taken.
    static func insert(_ alias: String, room: Int64, creator: String, now: Int64, _ tx: Transaction) throws -> Bool {
        try tx.changes(
            """
            INSERT INTO roomserver_aliases (alias, room_nid, creator, created_ts)
            VALUES (\(alias), \(room), \(creator), \(now)) ON CONFLICT DO NOTHING
            """) == 1
    }

    static func delete(_ alias: String, room: Int64, _ tx: Transaction) throws -> Bool {
        try tx.changes("DELETE FROM roomserver_aliases WHERE alias = \(alias) AND room_nid = \(room)") == 1
    }

    /// Gives a room's aliases to another.
    static func move(from room: Int64, to other: Int64, _ tx: Transaction) throws {
        try tx.run("UPDATE roomserver_aliases SET room_nid = \(other) WHERE room_nid = \(room)")
    }

    static func find(_ alias: String, _ tx: Transaction) throws -> (roomID: String, creator: String)? {
        try tx.row(
            """
            SELECT r.room_id, a.creator FROM roomserver_aliases a JOIN roomserver_rooms r ON r.room_nid = a.room_nid
            WHERE a.alias = \(alias)
            """, as: String.self, String.self
        ).map { (roomID: $0.0, creator: $0.1) }
    }

    /// Those of these names that are a room's.
    static func pointing(at room: Int64, among names: Set<String>, _ tx: Transaction) throws -> [String] {
        try tx.rows(
            "SELECT alias FROM roomserver_aliases WHERE room_nid = \(room) AND alias \(anyOf: names)", as: String.self)
    }

    static func all(of room: Int64, _ tx: Transaction) throws -> [String] {
        try tx.rows("SELECT alias FROM roomserver_aliases WHERE room_nid = \(room) ORDER BY alias", as: String.self)
    }
}
