import RoomRules
import SQL

/// `roomserver_state_groups`, `roomserver_state_entries`: the state of a room after each of its state events, as what
/// changed since an earlier group.
///
/// A group whose number is divisible by a power of 16 says what changed since the group that many numbers before, other
/// groups what changed since the last. So reading follows at most 15 groups for each digit of the number, and writing costs
/// about one row for each digit, however large the room; only a group that reaches over all of a small room is written in full.
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

    /// The group that a group's changes are counted from. 0: it holds all of the state.
    static func base(of group: Int64, stateSize: Int64) -> Int64 {
        var reach: Int64 = 1
        while reach < 1 << 56, group.isMultiple(of: reach * 16) { reach *= 16 }
        return reach > 1 && reach >= stateSize ? 0 : group - reach
    }

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

    /// Writes into a group that follows the one before what it has to say besides: what changed since its base.
    static func reach(back base: Int64, from group: Int64, room: Int64, _ tx: Transaction) throws {
        try tx.later(
            """
            INSERT INTO roomserver_state_entries (room_nid, state_group, type, state_key, event_nid)
            \(sql: chain(from: group, downTo: base, room: room))
            SELECT \(room), \(group), type, state_key, event_nid FROM (
                SELECT e.type, e.state_key, e.event_nid,
                    row_number() OVER (PARTITION BY e.type, e.state_key ORDER BY chain.distance) AS age
                FROM \(sql: entries(room: room))
            ) AS changes WHERE age = 1
            ON CONFLICT (room_nid, state_group, type, state_key) DO NOTHING
            """)
        try tx.later(
            """
            UPDATE roomserver_state_groups SET prev_group = (
                \(sql: chain(from: group, downTo: base, room: room))
                SELECT prev_group FROM chain ORDER BY distance DESC LIMIT 1)
            WHERE room_nid = \(room) AND state_group = \(group)
            """)
    }

    /// The groups that make one up, the newest first, as far as the base.
    static func chain(from group: Int64, downTo base: Int64 = 0, room: Int64) -> SQL {
        """
        WITH RECURSIVE chain (state_group, prev_group, distance) AS (
            SELECT state_group, prev_group, 0 FROM roomserver_state_groups
            WHERE room_nid = \(room) AND state_group = \(group)
            UNION ALL
            SELECT g.state_group, g.prev_group, chain.distance + 1
            FROM chain \(sql: .lookingUp(
                "roomserver_state_groups", as: "g", where: "g.room_nid = \(room) AND g.state_group = chain.prev_group"))
            WHERE chain.prev_group > \(base)
        )
        """
    }

    /// The entries `e` of the groups of a chain.
    private static func entries(room: Int64, _ condition: SQL = "") -> SQL {
        let ofGroup: SQL = "e.room_nid = \(room) AND e.state_group = chain.state_group \(sql: condition)"
        return "chain \(sql: .lookingUp("roomserver_state_entries", as: "e", where: ofGroup))"
    }

    /// The events of a group at these places (nil: all of it).
    static func read(_ group: Int64, room: Int64, at keys: [StateKey]? = nil, _ tx: Transaction) throws -> [StateKey: Int64] {
        var condition: SQL = ""
        if let keys {
            condition = "AND e.type \(anyOf: Set(keys.map(\.type))) AND e.state_key \(anyOf: Set(keys.map(\.stateKey)))"
        }
        return try read(group, room: room, where: condition, tx)
    }

    /// The events of a group at all places of a type.
    static func read(_ group: Int64, room: Int64, type: String, _ tx: Transaction) throws -> [StateKey: Int64] {
        try read(group, room: room, where: "AND e.type = \(type)", tx)
    }

    private static func read(
        _ group: Int64, room: Int64, where condition: SQL, _ tx: Transaction
    ) throws -> [StateKey: Int64] {
        let rows = try tx.rows(
            """
            \(sql: chain(from: group, room: room))
            SELECT e.type, e.state_key, e.event_nid
            FROM \(sql: entries(room: room, condition))
            ORDER BY chain.distance
            """, as: String.self, String.self, Int64.self)
        var state: [StateKey: Int64] = [:]
        for (type, stateKey, nid) in rows where state[StateKey(type, stateKey)] == nil { state[StateKey(type, stateKey)] = nid }
        return state
    }
}
