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
        var roomID: String
        var userID: String
        var membership: String
        var position: Int64
        var strippedState: [UInt8]?

        var place: Place { Place(roomID: roomID, userID: userID) }
    }

    /// A user in a room.
    struct Place: Hashable, Sendable {
        var roomID: String
        var userID: String
    }

    /// The memberships that there are where these changes come.
    static func current(_ changes: [Change], in tx: Transaction) throws -> [Place: String] {
        let rows = try tx.rows("""
            SELECT room_id, user_id, membership FROM syncapi_memberships
            WHERE (room_id, user_id) IN (\(rows: Set(changes.map(\.place)).map { [$0.roomID, $0.userID] }))
            """, as: String.self, String.self, String.self)
        return Dictionary(rows.map { (Place(roomID: $0, userID: $1), $2) }, uniquingKeysWith: { $1 })
    }

    /// Records member events. Of several for a user in a room the last counts.
    static func upsert(_ changes: [Change], in tx: Transaction) throws {
        let last = Dictionary(changes.map { ($0.place, $0) }, uniquingKeysWith: { $1 }).values
        let rows = last.map { [$0.roomID, $0.userID, $0.membership, $0.position, $0.strippedState] as [any SQLBindable] }
        for start in stride(from: 0, to: rows.count, by: 500) {
            try tx.later("""
                INSERT INTO syncapi_memberships (room_id, user_id, membership, position, stripped_state)
                \(rows: Array(rows[start..<min(start + 500, rows.count)]))
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

    /// Every room that the user has to do with, and has not forgotten.
    static func all(of userID: String, in tx: Transaction) throws -> [MembershipRow] {
        try rows("m.user_id = \(userID) AND NOT m.forgotten", in: tx)
    }

    /// The rooms of the user in which something happened above a position.
    static func changed(of userID: String, above position: Int64, in tx: Transaction) throws -> [MembershipRow] {
        try rows("""
            m.user_id = \(userID) AND NOT m.forgotten AND (m.position > \(position) OR EXISTS (
                SELECT 1 FROM syncapi_rooms r WHERE r.room_id = m.room_id AND r.last_position > \(position)))
            """, in: tx)
    }

    /// Whether anybody's membership of a room changed above a position.
    static func changed(in roomID: String, above position: Int64, _ tx: Transaction) throws -> Bool {
        try tx.row("""
            SELECT 1 FROM syncapi_memberships
            WHERE room_id = \(roomID) AND membership IN ('join', 'invite', 'leave', 'ban', 'knock') AND position > \(position)
            LIMIT 1
            """, as: Int64.self) != nil
    }

    static func joinedRooms(of userID: String, in tx: Transaction) throws -> [String] {
        try tx.rows("""
            SELECT room_id FROM syncapi_memberships WHERE user_id = \(userID) AND membership = 'join'
            """, as: String.self)
    }

    /// Up to five others to name a room by.
    static func heroes(room roomID: String, without userID: String, in tx: Transaction) throws -> [String] {
        let present = try heroes(room: roomID, without: userID, who: ["join", "invite"], in: tx)
        return present.isEmpty ? try heroes(room: roomID, without: userID, who: ["leave", "ban"], in: tx) : present
    }

    private static func heroes(
        room roomID: String, without userID: String, who: [String], in tx: Transaction
    ) throws -> [String] {
        try tx.rows("""
            SELECT user_id FROM syncapi_memberships
            WHERE room_id = \(roomID) AND user_id <> \(userID) AND membership \(anyOf: who)
            ORDER BY position LIMIT 5
            """, as: String.self)
    }

    private static func rows(_ condition: SQL, in tx: Transaction) throws -> [MembershipRow] {
        try tx.rows("""
            SELECT m.room_id, m.membership, m.position, m.stripped_state
            FROM syncapi_memberships m WHERE \(sql: condition) ORDER BY m.room_id
            """, as: String.self, String.self, Int64.self, [UInt8]?.self
        ).map { MembershipRow(roomID: $0, membership: $1, position: $2, strippedState: $3) }
    }
}
