import Matrix
import RoomRules
import SQL

/// A state event with the redaction that took its content, if one did.
struct StateEvent: Sendable {
    let event: Event
    let redactedBy: String?
}

/// `roomserver_current_state`: each room's state as it is now, so that a question about a few events of it reads just those.
enum CurrentStateTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_current_state (
                room_nid \(.integer) NOT NULL,
                type \(.text) NOT NULL,
                state_key \(.text) NOT NULL,
                event_nid \(.integer) NOT NULL,
                membership \(.text),
                PRIMARY KEY (room_nid, type, state_key)
            )
            """,
            """
            CREATE INDEX roomserver_current_state_membership ON roomserver_current_state (room_nid, membership)
            WHERE membership IS NOT NULL
            """,
        ]
    }

    /// The event that a place in a room's state is taken by.
    struct Change {
        let room: Int64
        let key: StateKey
        let nid: Int64
        let membership: String?
    }

    /// Writes places of which each comes once.
    static func upsert(_ changes: [Change], _ tx: Transaction) throws {
        for page in changes.pages(of: 1000) {
            let values = page.map { [$0.room, $0.key.type, $0.key.stateKey, $0.nid, $0.membership] as [any SQLBindable] }
            try tx.later(
                """
                INSERT INTO roomserver_current_state (room_nid, type, state_key, event_nid, membership)
                \(rows: values)
                ON CONFLICT (room_nid, type, state_key) DO UPDATE
                SET event_nid = excluded.event_nid, membership = excluded.membership
                """)
        }
    }

    /// The events at any of these places.
    static func find(_ keys: some Collection<StateKey>, in room: RoomRow, _ tx: Transaction) throws -> [StateEvent] {
        if keys.isEmpty { return [] }
        let places = Set(keys).map { [$0.type, $0.stateKey] as [any SQLBindable] }
        let atPlace: SQL = "c.room_nid = \(room.nid) AND c.type = k.column1 AND c.state_key = k.column2"
        return try select(
            "(\(rows: places)) k \(sql: .lookingUp("roomserver_current_state", as: "c", where: atPlace))", in: room, tx)
    }

    /// The events of a type, by state key.
    static func find(type: String, limit: Int, in room: RoomRow, _ tx: Transaction) throws -> [Event] {
        try select(
            """
            (SELECT * FROM roomserver_current_state a WHERE a.room_nid = \(room.nid) AND a.type = \(type)
            ORDER BY a.state_key LIMIT \(Int64(limit))) c
            """, in: room, tx
        ).map(\.event)
    }

    /// The events of a type, at most `limit`.
    static func find(type: String, in room: RoomRow, limit: Int, _ tx: Transaction) throws -> [StateEvent] {
        try select(
            """
            (SELECT * FROM roomserver_current_state a WHERE a.room_nid = \(room.nid) AND a.type = \(type)
            LIMIT \(Int64(limit))) c
            """, in: room, tx)
    }

    static func all(in room: RoomRow, _ tx: Transaction) throws -> [StateEvent] {
        try select(
            "(SELECT * FROM roomserver_current_state a WHERE a.room_nid = \(room.nid)) c", in: room, tx)
    }

    /// The events of the places that `source` names `c`.
    private static func select(_ source: SQL, in room: RoomRow, _ tx: Transaction) throws -> [StateEvent] {
        try tx.rows(
            """
            SELECT e.event_id, e.json, e.redacted_by
            FROM \(sql: source) JOIN roomserver_events e ON e.event_nid = c.event_nid
            """, as: String.self, [UInt8].self, String?.self
        ).map { eventID, json, redactedBy in
            StateEvent(
                event: try EventTable.read(json, eventID, room.version, redactedBy: redactedBy), redactedBy: redactedBy)
        }
    }
}
