import RoomRules
import SQL

/// `roomserver_state_groups`, `roomserver_state_entries`: the state of a room after each of its state events, as what
/// changed since the group before. Now and then a group is written in full, so that reading follows a bounded chain.
enum StateGroupTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_state_groups (
                room_nid \(.integer) NOT NULL,
                state_group \(.integer) NOT NULL,
                prev_group \(.integer),
                PRIMARY KEY (room_nid, state_group)
            )
            """,
            """
            CREATE TABLE roomserver_state_entries (
                room_nid \(.integer) NOT NULL,
                state_group \(.integer) NOT NULL,
                type \(.text) NOT NULL,
                state_key \(.text) NOT NULL,
                event_nid \(.integer) NOT NULL,
                PRIMARY KEY (room_nid, state_group, type, state_key)
            )
            """,
        ]
    }

    /// How long a chain may grow before a group is written in full: the larger the state, the dearer that is.
    static func longestChain(forStateOf size: Int64) -> Int64 { min(max(50, size / 8), 1000) }

    /// A group and what it changes.
    struct Delta {
        let room: Int64
        let group: Int64
        /// Nil: the group is all there is.
        let previous: Int64?
        let key: StateKey
        let nid: Int64
    }

    /// Writes groups of one event each.
    static func insert(_ deltas: [Delta], _ tx: Transaction) throws {
        for page in deltas.pages(of: 1000) {
            let groups = page.map { [$0.room, $0.group, $0.previous] as [any SQLBindable] }
            try tx.later(
                "INSERT INTO roomserver_state_groups (room_nid, state_group, prev_group) \(rows: groups)")
            let entries = page.map { [$0.room, $0.group, $0.key.type, $0.key.stateKey, $0.nid] as [any SQLBindable] }
            try tx.later(
                """
                INSERT INTO roomserver_state_entries (room_nid, state_group, type, state_key, event_nid)
                \(rows: entries)
                """)
        }
    }

    /// Writes the group that is the current state in full.
    static func completeFromCurrentState(_ group: Int64, room: Int64, _ tx: Transaction) throws {
        try tx.later(
            "UPDATE roomserver_state_groups SET prev_group = NULL WHERE room_nid = \(room) AND state_group = \(group)")
        try tx.later(
            """
            INSERT INTO roomserver_state_entries (room_nid, state_group, type, state_key, event_nid)
            SELECT room_nid, \(group), type, state_key, event_nid FROM roomserver_current_state WHERE room_nid = \(room)
            ON CONFLICT (room_nid, state_group, type, state_key) DO NOTHING
            """)
    }

    /// The events of a group at these places (nil: all of it).
    static func read(_ group: Int64, room: Int64, at keys: [StateKey]? = nil, _ tx: Transaction) throws -> [StateKey: Int64] {
        var condition: SQL = ""
        if let keys {
            condition = "AND e.type \(anyOf: Set(keys.map(\.type))) AND e.state_key \(anyOf: Set(keys.map(\.stateKey)))"
        }
        return try read(group, room: room, where: condition, tx)
    }

    private static func read(
        _ group: Int64, room: Int64, where condition: SQL, _ tx: Transaction
    ) throws -> [StateKey: Int64] {
        let rows = try tx.rows(
            """
            WITH RECURSIVE chain (state_group, prev_group, distance) AS (
                SELECT state_group, prev_group, 0 FROM roomserver_state_groups
                WHERE room_nid = \(room) AND state_group = \(group)
                UNION ALL
                SELECT g.state_group, g.prev_group, chain.distance + 1
                FROM chain JOIN roomserver_state_groups g ON g.room_nid = \(room) AND g.state_group = chain.prev_group
            )
            SELECT e.type, e.state_key, e.event_nid
            FROM chain JOIN roomserver_state_entries e ON e.room_nid = \(room) AND e.state_group = chain.state_group
            WHERE TRUE \(sql: condition)
            ORDER BY chain.distance
            """, as: String.self, String.self, Int64.self)
        var state: [StateKey: Int64] = [:]
        for (type, stateKey, nid) in rows where state[StateKey(type, stateKey)] == nil { state[StateKey(type, stateKey)] = nid }
        return state
    }
}
