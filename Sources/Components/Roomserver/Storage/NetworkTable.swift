import SQL

/// `roomserver_network_rooms`: the rooms that application services list for the networks that they bridge to.
enum NetworkTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_network_rooms (
                appservice_id \(.text) NOT NULL,
                network_id \(.text) NOT NULL,
                room_nid \(.integer) NOT NULL,
                PRIMARY KEY (appservice_id, network_id, room_nid)
            )
            """
        ]
    }

    static func insert(_ room: Int64, appservice: String, network: String, _ tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO roomserver_network_rooms (appservice_id, network_id, room_nid)
            VALUES (\(appservice), \(network), \(room)) ON CONFLICT DO NOTHING
            """)
    }

    static func delete(_ room: Int64, appservice: String, network: String, _ tx: Transaction) throws {
        try tx.run(
            """
            DELETE FROM roomserver_network_rooms
            WHERE appservice_id = \(appservice) AND network_id = \(network) AND room_nid = \(room)
            """)
    }

    /// Those of a network, by its ID or with the application service's before it.
    static func rooms(of network: String) -> SQL {
        """
        SELECT n.room_nid FROM roomserver_network_rooms n
        WHERE n.network_id = \(network) OR n.appservice_id || '|' || n.network_id = \(network)
        """
    }

    static func rooms(appservice: String, network: String, _ tx: Transaction) throws -> [Int64] {
        try tx.rows(
            "SELECT room_nid FROM roomserver_network_rooms WHERE appservice_id = \(appservice) AND network_id = \(network)",
            as: Int64.self)
    }
}
