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

    /// The version of the room's state that last changed a place, so that who knows an earlier one reads what came since; 0 for what
    /// earlier releases wrote.
    static var versions: [SQL] {
        [
            "ALTER TABLE roomserver_current_state ADD COLUMN changed_version \(.integer) NOT NULL DEFAULT 0",
            "CREATE INDEX roomserver_current_state_changed ON roomserver_current_state (room_nid, changed_version)",
        ]
    }

    /// The event that a place in a room's state is taken by, since a version of that state.
    struct Change {
        let room: Int64
        let version: Int64
        let key: StateKey
        let nid: Int64
        let membership: String?
    }

    /// Writes places of which each comes once.
    static func upsert(_ changes: [Change], _ tx: Transaction) throws {
        for page in changes.pages(of: 1000) {
            let values = page.map { [$0.room, $0.key.type, $0.key.stateKey, $0.nid, $0.membership, $0.version] as [any SQLBindable] }
            try tx.later(
                """
                INSERT INTO roomserver_current_state (room_nid, type, state_key, event_nid, membership, changed_version)
                \(rows: values)
                ON CONFLICT (room_nid, type, state_key) DO UPDATE
                SET event_nid = excluded.event_nid, membership = excluded.membership, changed_version = excluded.changed_version
                """)
        }
    }

    /// Says that what is shown of a place is another since a version: its event was redacted.
    static func touch(_ key: StateKey, room: Int64, version: Int64, _ tx: Transaction) throws {
        try tx.later(
            """
            UPDATE roomserver_current_state SET changed_version = \(version)
            WHERE room_nid = \(room) AND type = \(key.type) AND state_key = \(key.stateKey)
            """)
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

    /// The events at the places that changed after a version, if each step of the version was the change of another place; nil where that
    /// is not certain, as an earlier release that is still running may have made one.
    static func changes(after version: Int64, in room: RoomRow, _ tx: Transaction) throws -> [StateEvent]? {
        let steps = room.stateVersion - version
        guard steps > 0, steps <= room.stateSize / 4 else { return nil }
        let changed = try select(
            """
            (SELECT * FROM roomserver_current_state a WHERE a.room_nid = \(room.nid) AND a.changed_version > \(version)) c
            """, in: room, tx)
        return changed.count == steps ? changed : nil
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
