import Contracts
import SQL

/// `roomserver_creations`: the rooms that were made, by their callers' keys, so that a creation sent again makes no second room.
enum CreationTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_creations (
                creation_key \(.text) NOT NULL PRIMARY KEY,
                room_id \(.text) NOT NULL,
                seq \(.integer) NOT NULL,
                created_ts \(.integer) NOT NULL
            )
            """,
            "CREATE INDEX roomserver_creations_created ON roomserver_creations (created_ts)",
        ]
    }

    /// Takes the key for a room, or answers with the room that has it. Waits for another transaction that is about to.
    static func claim(_ key: String, for reply: CreateRoom.Reply, now: Int64, _ tx: Transaction) throws -> CreateRoom.Reply? {
        let inserted = try tx.changes(
            """
            INSERT INTO roomserver_creations (creation_key, room_id, seq, created_ts)
            VALUES (\(key), \(reply.roomID), \(reply.seq), \(now)) ON CONFLICT DO NOTHING
            """)
        if inserted == 1 { return nil }
        return try find(key, tx)
    }

    static func find(_ key: String, _ tx: Transaction) throws -> CreateRoom.Reply? {
        try tx.row("SELECT room_id, seq FROM roomserver_creations WHERE creation_key = \(key)", as: String.self, Int64.self)
            .map { CreateRoom.Reply(roomID: $0.0, seq: $0.1) }
    }

    /// Lets go of keys older than this many milliseconds, at most `limit` of them; returns how many those were.
    static func prune(olderThan age: Int64, limit: Int, _ tx: Transaction) throws -> Int {
        try tx.changes(
            """
            DELETE FROM roomserver_creations WHERE creation_key IN (
                SELECT creation_key FROM roomserver_creations
                WHERE created_ts < \(sql: .now) - \(age) ORDER BY created_ts LIMIT \(limit)
            )
            """)
    }
}
