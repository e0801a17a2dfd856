import Matrix
import SQL

/// A user's place in a room.
struct Membership: Sendable, Equatable {
    /// `join`, `invite`, `leave`, `ban` or `knock`.
    var membership: String
    /// The event that says so.
    var nid: Int64
    /// The event that ended the user's last time in the room; nil: never was in it, or is in it now.
    var departedNID: Int64?
    var forgotten: Bool
}

/// `roomserver_membership`: who has what membership where, found by room or by user.
enum MembershipTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_membership (
                room_nid \(.integer) NOT NULL,
                user_id \(.text) NOT NULL,
                membership \(.text) NOT NULL,
                event_nid \(.integer) NOT NULL,
                departed_nid \(.integer),
                forgotten \(.boolean) NOT NULL DEFAULT FALSE,
                PRIMARY KEY (room_nid, user_id)
            )
            """,
            "CREATE INDEX roomserver_membership_user ON roomserver_membership (user_id, membership)",
        ]
    }

    /// Whether the one who joined is a guest.
    static var guests: [SQL] {
        [
            "ALTER TABLE roomserver_membership ADD COLUMN guest \(.boolean) NOT NULL DEFAULT FALSE",
            "CREATE INDEX roomserver_membership_guests ON roomserver_membership (room_nid, user_id) WHERE guest",
        ]
    }

    /// A user's membership after an event. `departed` is set where it ended the user's time in the room.
    struct Change {
        let room: Int64
        let userID: String
        let membership: String
        let nid: Int64
        let departed: Int64?
        let isGuest: Bool
    }

    static func upsert(_ changes: [Change], _ tx: Transaction) throws {
        for page in changes.pages(of: 1000) {
            let values = page.map {
                [$0.room, $0.userID, $0.membership, $0.nid, $0.departed, $0.isGuest] as [any SQLBindable]
            }
            try tx.later(
                """
                INSERT INTO roomserver_membership (room_nid, user_id, membership, event_nid, departed_nid, guest)
                \(rows: values)
                ON CONFLICT (room_nid, user_id) DO UPDATE SET
                    membership = excluded.membership,
                    guest = excluded.guest,
                    event_nid = excluded.event_nid,
                    departed_nid = CASE WHEN excluded.membership = 'join' THEN NULL
                        ELSE COALESCE(excluded.departed_nid, roomserver_membership.departed_nid) END,
                    forgotten = CASE WHEN excluded.membership IN ('join', 'invite', 'knock') THEN FALSE
                        ELSE roomserver_membership.forgotten END
                """)
        }
    }

    static func find(_ userID: String, room: Int64, _ tx: Transaction) throws -> Membership? {
        try tx.row(
            """
            SELECT membership, event_nid, departed_nid, forgotten FROM roomserver_membership
            WHERE room_nid = \(room) AND user_id = \(userID)
            """, as: String.self, Int64.self, Int64?.self, Bool.self
        ).map { Membership(membership: $0.0, nid: $0.1, departedNID: $0.2, forgotten: $0.3) }
    }

    static func forget(_ userID: String, room: Int64, _ tx: Transaction) throws {
        try tx.run("UPDATE roomserver_membership SET forgotten = TRUE WHERE room_nid = \(room) AND user_id = \(userID)")
    }

    static func joinedRooms(of userID: String, _ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            SELECT r.room_id FROM roomserver_membership m JOIN roomserver_rooms r ON r.room_nid = m.room_nid
            WHERE m.user_id = \(userID) AND m.membership = 'join'
            """, as: String.self)
    }

    /// The rooms that the user is in, or may come to be in.
    static func rooms(of userID: String, _ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            SELECT r.room_id FROM roomserver_membership m JOIN roomserver_rooms r ON r.room_nid = m.room_nid
            WHERE m.user_id = \(userID) AND m.membership IN ('join', 'invite', 'knock')
            """, as: String.self)
    }

    /// The rooms that both users are in, by number.
    static func mutualRooms(
        _ one: String, _ other: String, after room: Int64, limit: Int, _ tx: Transaction
    ) throws -> [(nid: Int64, roomID: String)] {
        try tx.rows(
            """
            SELECT r.room_nid, r.room_id \(sql: mutual(one, other)) AND m.room_nid > \(room)
            ORDER BY m.room_nid LIMIT \(Int64(limit))
            """, as: Int64.self, String.self
        ).map { (nid: $0.0, roomID: $0.1) }
    }

    static func countMutualRooms(_ one: String, _ other: String, _ tx: Transaction) throws -> Int {
        try tx.row("SELECT count(*) \(sql: mutual(one, other))", as: Int.self) ?? 0
    }

    private static func mutual(_ one: String, _ other: String) -> SQL {
        """
        FROM roomserver_membership m
        JOIN roomserver_membership n ON n.room_nid = m.room_nid AND n.user_id = \(other) AND n.membership = 'join'
        JOIN roomserver_rooms r ON r.room_nid = m.room_nid
        WHERE m.user_id = \(one) AND m.membership = 'join'
        """
    }

    /// A room that a user is joined to, with the event that says so.
    struct JoinedRoom: Sendable {
        let nid: Int64
        let roomID: String
        let member: Event
    }

    /// A page of the rooms that a user is joined to, in the order of their numbers.
    static func joinedRooms(of userID: String, after room: Int64, limit: Int, _ tx: Transaction) throws -> [JoinedRoom] {
        try tx.rows(
            """
            SELECT r.room_nid, r.room_id, r.version, e.event_id, e.json
            FROM roomserver_membership m JOIN roomserver_rooms r ON r.room_nid = m.room_nid
            JOIN roomserver_events e ON e.event_nid = m.event_nid
            WHERE m.user_id = \(userID) AND m.membership = 'join' AND m.room_nid > \(room)
            ORDER BY m.room_nid LIMIT \(Int64(limit))
            """, as: Int64.self, String.self, String.self, String.self, [UInt8].self
        ).map { nid, roomID, version, eventID, json in
            JoinedRoom(
                nid: nid, roomID: roomID,
                member: try EventTable.read(json, eventID, RoomTable.roomVersion(version), redactedBy: nil))
        }
    }

    /// Whether the user is joined to any of these rooms.
    static func isJoined(_ userID: String, toAnyOf roomIDs: [String], _ tx: Transaction) throws -> Bool {
        try tx.row(
            """
            SELECT 1 FROM roomserver_membership m JOIN roomserver_rooms r ON r.room_nid = m.room_nid
            WHERE m.user_id = \(userID) AND m.membership = 'join' AND r.room_id \(anyOf: roomIDs) LIMIT 1
            """, as: Int64.self) != nil
    }

    /// Some users of a server who are joined.
    static func joined(of server: String, room: Int64, limit: Int, _ tx: Transaction) throws -> [String] {
        // A server name has none of the characters that LIKE reads as wild.
        try tx.rows(
            """
            SELECT user_id FROM roomserver_membership
            WHERE room_nid = \(room) AND membership = 'join' AND user_id LIKE \("%:" + server) LIMIT \(Int64(limit))
            """, as: String.self)
    }

    /// The guests in a room, by user ID.
    static func guests(in room: Int64, after userID: String, limit: Int, _ tx: Transaction) throws -> [String] {
        try tx.rows(
            """
            SELECT user_id FROM roomserver_membership WHERE room_nid = \(room) AND guest AND user_id > \(userID)
            ORDER BY user_id LIMIT \(Int64(limit))
            """, as: String.self)
    }

    /// The events by which users are banned.
    static func banned(from room: Int64, limit: Int, _ tx: Transaction) throws -> [Int64] {
        try tx.rows(
            """
            SELECT event_nid FROM roomserver_membership WHERE room_nid = \(room) AND membership = 'ban' LIMIT \(Int64(limit))
            """, as: Int64.self)
    }

    /// The rooms that the user has to do with, and that changed since.
    static func heads(of userID: String, changedSince: SQL, _ tx: Transaction) throws -> [(roomID: String, seq: Int64)] {
        try tx.rows(
            """
            SELECT r.room_id, r.out_seq FROM roomserver_membership m JOIN roomserver_rooms r ON r.room_nid = m.room_nid
            WHERE m.user_id = \(userID) AND r.changed_ts >= \(sql: changedSince)
            """, as: String.self, Int64.self
        ).map { (roomID: $0.0, seq: $0.1) }
    }
}
