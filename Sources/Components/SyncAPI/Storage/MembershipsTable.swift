import SQL

/// How a user stands to a room now.
struct MembershipRow: Sendable {
    var roomID: String
    var membership: String
    /// Of the member event.
    var position: Int64
    /// For an invite or knock: a JSON array of stripped events.
    var strippedState: [UInt8]?
}

/// Who stands how to which room.
struct MembershipsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_memberships (
            room_id \(.text) NOT NULL,
            user_id \(.text) NOT NULL,
            membership \(.text) NOT NULL,
            position \(.integer) NOT NULL,
            stripped_state \(.bytes),
            forgotten \(.boolean) NOT NULL DEFAULT FALSE,
            PRIMARY KEY (room_id, user_id)
        )
        """
    static let userIndex: SQL = "CREATE INDEX syncapi_memberships_user ON syncapi_memberships (user_id, membership)"
    static let heroIndex: SQL = """
        CREATE INDEX syncapi_memberships_hero ON syncapi_memberships (room_id, membership, position)
        """

    /// A member event.
    struct Change: Sendable {
        var place: Place
        var membership: String
        var position: Int64
        var strippedState: [UInt8]?
    }

    /// A user in a room.
    struct Place: Hashable, Sendable {
        var roomID: String
        var userID: String
    }

    /// The memberships that there are at these places, with the next statement that is waited for.
    static func current(_ places: [Place], in tx: Transaction) throws -> () throws -> [Place: String] {
        if places.isEmpty { return { [:] } }
        let current = try tx.ahead("""
            SELECT room_id, user_id, membership FROM syncapi_memberships
            WHERE (room_id, user_id) IN (\(rows: Set(places).map { [$0.roomID, $0.userID] }))
            """)
        return {
            let rows = try current.rows(as: String.self, String.self, String.self)
            return Dictionary(rows.map { (Place(roomID: $0, userID: $1), $2) }, uniquingKeysWith: { $1 })
        }
    }

    /// Records member events. Of several for a user in a room the last counts.
    static func upsert(_ changes: [Change], in tx: Transaction) throws {
        let last = Dictionary(changes.map { ($0.place, $0) }, uniquingKeysWith: { $1 }).values
        let rows = last.map { [$0.place.roomID, $0.place.userID, $0.membership, $0.position, $0.strippedState] as [any SQLBindable] }
        for page in rows.pages(of: 500) {
            try tx.later("""
                INSERT INTO syncapi_memberships (room_id, user_id, membership, position, stripped_state)
                \(rows: Array(page))
                ON CONFLICT (room_id, user_id) DO UPDATE SET
                    membership = excluded.membership, position = excluded.position, stripped_state = excluded.stripped_state,
                    forgotten = FALSE
                """)
        }
    }

    static func forget(_ userID: String, room roomID: String, in tx: Transaction) throws {
        try tx.run("""
            UPDATE syncapi_memberships SET forgotten = TRUE WHERE room_id = \(roomID) AND user_id = \(userID)
            """)
    }

    /// Nil also for a room that the user has forgotten.
    static func membership(of userID: String, in roomID: String, _ tx: Transaction) throws -> MembershipRow? {
        try rows("m.room_id = \(roomID) AND m.user_id = \(userID) AND NOT m.forgotten", in: tx).first
    }

    /// The same of several rooms.
    static func memberships(of userID: String, rooms: [String], in tx: Transaction) throws -> [MembershipRow] {
        if rooms.isEmpty { return [] }
        return try rows("m.room_id \(anyOf: rooms) AND m.user_id = \(userID) AND NOT m.forgotten", in: tx)
    }

    /// Every room that the user has to do with, and has not forgotten.
    static func all(of userID: String, in tx: Transaction) throws -> [MembershipRow] {
        try rows("m.user_id = \(userID) AND NOT m.forgotten", in: tx)
    }

    /// Up to so many rooms are looked for one by one.
    private static let few = 200

    /// The rooms of the user in which something happened above a position: looked for among all rooms where something did, unless
    /// those are many.
    static func changed(of userID: String, above position: Int64, in tx: Transaction) throws -> [MembershipRow] {
        let changed = try tx.rows("""
            SELECT room_id FROM syncapi_rooms WHERE last_position > \(position) ORDER BY last_position LIMIT \(Int64(few + 1))
            """, as: String.self)
        // Whoever has forgotten a room since then is told that they left it.
        let isKept: SQL = "m.user_id = \(userID) AND (NOT m.forgotten OR m.position > \(position))"
        if changed.isEmpty { return [] }
        if changed.count <= few { return try rows("\(sql: isKept) AND m.room_id \(anyOf: changed)", in: tx) }
        return try rows("""
            \(sql: isKept) AND (m.position > \(position) OR EXISTS (
                SELECT 1 FROM syncapi_rooms r WHERE r.room_id = m.room_id AND r.last_position > \(position)))
            """, in: tx)
    }

    /// The rooms in which anybody's membership is another than it was at a position: a new name is none.
    static func changed(in rooms: [String], above position: Int64, _ tx: Transaction) throws -> [String] {
        if rooms.isEmpty { return [] }
        return try tx.rows("""
            SELECT r.room_id FROM syncapi_rooms r WHERE r.room_id \(anyOf: rooms) AND EXISTS (
                SELECT 1 FROM syncapi_memberships m
                WHERE m.room_id = r.room_id AND m.membership IN ('join', 'invite', 'leave', 'ban', 'knock')
                    AND m.position > \(position)
                    AND m.membership <> COALESCE((
                        SELECT b.membership FROM syncapi_events b
                        WHERE b.room_id = m.room_id AND b.type = 'm.room.member' AND b.state_key = m.user_id
                            AND b.is_current_state = \(true) AND b.position <= \(position)
                        ORDER BY b.position DESC LIMIT 1), ''))
            """, as: String.self)
    }

    static func joinedRooms(of userID: String, in tx: Transaction) throws -> Set<String> {
        Set(try tx.rows("""
            SELECT room_id FROM syncapi_memberships WHERE user_id = \(userID) AND membership = 'join'
            """, as: String.self))
    }

    private static let mostHeroes = 5

    /// Up to five others to name each room by: those in it or invited; where there is nobody, those who were.
    static func heroes(rooms: [String], without userID: String, in tx: Transaction) throws -> [String: [String]] {
        let present = try first(["join", "invite"], of: rooms, without: userID, in: tx)
        let empty = rooms.filter { present[$0] == nil }
        return present.merging(try first(["leave", "ban"], of: empty, without: userID, in: tx)) { $1 }
    }

    /// The members who have one of these memberships for longest. Looked for by membership, in the order of the index, so
    /// that it takes no longer in a room of many.
    private static func first(
        _ memberships: [String], of rooms: [String], without userID: String, in tx: Transaction
    ) throws -> [String: [String]] {
        if rooms.isEmpty { return [:] }
        let pairs = rooms.flatMap { room in memberships.map { [room, $0] } }
        let table: SQL = "(SELECT column1 AS room_id, column2 AS membership FROM (\(rows: pairs)) v) s"
        let first: SQL = """
            FROM syncapi_memberships x WHERE x.room_id = s.room_id AND x.membership = s.membership AND x.user_id <> \(userID)
            ORDER BY x.position LIMIT \(mostHeroes)
            """
        let rows = try tx.rows("""
            SELECT m.room_id, m.user_id FROM \(sql: table)
            \(postgres: "CROSS JOIN LATERAL (SELECT x.*",
               sqlite: "JOIN syncapi_memberships m ON m.room_id = s.room_id AND m.user_id IN (SELECT x.user_id")
            \(sql: first)) \(postgres: "m", sqlite: "")
            ORDER BY m.position
            """, as: String.self, String.self)
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.prefix(mostHeroes).map(\.1) }
    }

    private static func rows(_ condition: SQL, in tx: Transaction) throws -> [MembershipRow] {
        try tx.rows("""
            SELECT m.room_id, m.membership, m.position, m.stripped_state
            FROM syncapi_memberships m WHERE \(sql: condition) ORDER BY m.room_id
            """, as: String.self, String.self, Int64.self, [UInt8]?.self
        ).map { MembershipRow(roomID: $0, membership: $1, position: $2, strippedState: $3) }
    }
}
