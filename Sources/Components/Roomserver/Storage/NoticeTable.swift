import SQL

/// `roomserver_notice_rooms`: the room in which each user hears from the server.
enum NoticeTable {
    static var schema: [SQL] {
        ["CREATE TABLE roomserver_notice_rooms (user_id \(.text) NOT NULL PRIMARY KEY, room_id \(.text) NOT NULL)"]
    }

    static func room(of userID: String, _ tx: Transaction) throws -> String? {
        try tx.row("SELECT room_id FROM roomserver_notice_rooms WHERE user_id = \(userID)", as: String.self)
    }

    static func set(_ roomID: String, of userID: String, _ tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO roomserver_notice_rooms (user_id, room_id) VALUES (\(userID), \(roomID))
            ON CONFLICT (user_id) DO UPDATE SET room_id = excluded.room_id
            """)
    }
}
