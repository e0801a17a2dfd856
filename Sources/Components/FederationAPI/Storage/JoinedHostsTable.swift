import SQL

/// Which servers have users in which rooms.
struct JoinedHostsTable {
    static let schema: [SQL] = [
        """
        CREATE TABLE federationapi_joined_members (
            room_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            server_name TEXT NOT NULL,
            PRIMARY KEY (room_id, user_id)
        )
        """,
        "CREATE INDEX federationapi_joined_members_server ON federationapi_joined_members (room_id, server_name)",
    ]

    static func joined(_ userID: String, of serverName: String, room roomID: String, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO federationapi_joined_members (room_id, user_id, server_name)
            VALUES (\(roomID), \(userID), \(serverName)) ON CONFLICT (room_id, user_id) DO NOTHING
            """)
    }

    static func left(_ userID: String, room roomID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM federationapi_joined_members WHERE room_id = \(roomID) AND user_id = \(userID)")
    }
}
