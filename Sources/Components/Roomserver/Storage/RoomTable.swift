import Matrix
import SQL

/// A room as it stands: what must be known, and locked, to add to it.
struct RoomRow: Sendable, Equatable {
    /// 0 until the room has a number.
    var nid: Int64 = 0
    let roomID: String
    let version: RoomVersion
    /// The greatest depth of an event in the room.
    var depth: Int64 = 0
    /// The forward extremities: the events that no other event follows yet.
    var latestEvents: [String] = []
    /// Rises with each change of the current state; what is cached of it is believed for this version only.
    var stateVersion: Int64 = 0
    /// The state group that is the current state; 0: nothing.
    var stateGroup: Int64 = 0
    /// The number that was last given to a state group of the room.
    var lastStateGroup: Int64 = 0
    /// How many events the current state has.
    var stateSize: Int64 = 0
    var joinedMembers: Int64 = 0
    /// The last number of the room's output log.
    var seq: Int64 = 0
    /// When it was read, by the database's clock.
    var readTS: Int64?

    /// It is still to be written.
    var isNew: Bool { readTS == nil }
}

/// `roomserver_rooms`: one row a room, which is also the lock that whoever changes the room holds.
enum RoomTable {
    /// Rows change with every event: no column that does is indexed, and pages have room, so that an update stays in its page.
    /// `group_distance` is of an earlier release, and stays 0.
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_rooms (
                room_nid \(.identity),
                room_id \(.text) NOT NULL UNIQUE,
                version \(.text) NOT NULL,
                depth \(.integer) NOT NULL,
                latest_events \(.text) NOT NULL,
                state_version \(.integer) NOT NULL,
                state_group \(.integer) NOT NULL,
                last_state_group \(.integer) NOT NULL,
                group_distance \(.integer) NOT NULL,
                state_size \(.integer) NOT NULL,
                joined_members \(.integer) NOT NULL,
                out_seq \(.integer) NOT NULL,
                changed_ts \(.integer) NOT NULL
            ) \(postgres: "WITH (fillfactor = 70)", sqlite: "")
            """
        ]
    }

    /// The room, locked until the transaction ends.
    static func lock(_ roomID: String, _ tx: Transaction) throws -> RoomRow? {
        try lockAhead([roomID], waits: true, tx)().first
    }

    /// Rooms, locked until the transaction ends; `waits` until others have let go of them, or else leaves those out. With the
    /// next statement that is waited for.
    static func lockAhead(_ roomIDs: [String], waits: Bool, _ tx: Transaction) throws -> () throws -> [RoomRow] {
        let lock: SQL = waits ? .forUpdate : .forUpdateSkippingLocked
        return try select("WHERE room_id \(anyOf: roomIDs) ORDER BY room_nid \(sql: lock)", tx)
    }

    static func find(_ roomID: String, _ tx: Transaction) throws -> RoomRow? {
        try select("WHERE room_id = \(roomID)", tx)().first
    }

    static func find(nid: Int64, _ tx: Transaction) throws -> RoomRow? {
        try select("WHERE room_nid = \(nid)", tx)().first
    }

    /// The room that an event is of.
    static func roomID(ofEvent eventID: String, _ tx: Transaction) throws -> String? {
        try tx.row(
            """
            SELECT r.room_id FROM roomserver_events e JOIN roomserver_rooms r ON r.room_nid = e.room_nid
            WHERE e.event_id = \(eventID)
            """, as: String.self)
    }

    private static func select(_ condition: SQL, _ tx: Transaction) throws -> () throws -> [RoomRow] {
        let selected = try tx.ahead(
            """
            SELECT room_nid, room_id, version, depth, latest_events, state_version, state_group, last_state_group,
                state_size, joined_members, out_seq, \(sql: .now)
            FROM roomserver_rooms \(sql: condition)
            """)
        return {
            try selected.rows(
                as: Int64.self, String.self, String.self, Int64.self, String.self, Int64.self, Int64.self, Int64.self, Int64.self,
                Int64.self, Int64.self, Int64.self
            ).map { row in
                RoomRow(
                    nid: row.0, roomID: row.1, version: try roomVersion(row.2), depth: row.3,
                    latestEvents: EventIDs.read(row.4), stateVersion: row.5, stateGroup: row.6, lastStateGroup: row.7,
                    stateSize: row.8, joinedMembers: row.9, seq: row.10, readTS: row.11)
            }
        }
    }

    /// The last numbers of the output logs of rooms that changed since a time, by room ID.
    static func heads(
        changedSince: Int64, after roomID: String, limit: Int, _ tx: Transaction
    ) throws -> [(roomID: String, seq: Int64)] {
        try tx.rows(
            """
            SELECT room_id, out_seq FROM roomserver_rooms WHERE changed_ts >= \(changedSince) AND room_id > \(roomID)
            ORDER BY room_id LIMIT \(Int64(limit))
            """, as: String.self, Int64.self
        ).map { (roomID: $0.0, seq: $0.1) }
    }

    /// Takes the number of a new room, with the next statement that is waited for.
    static func takeNumberAhead(_ tx: Transaction) throws -> () throws -> Int64 {
        let taken = try Numbers.take(1, of: "room_nid", in: "roomserver_rooms", tx)
        return {
            guard let number = try taken.rows(as: Int64.self).first else { throw MatrixError.unknown() }
            return number
        }
    }

    /// Writes a new room.
    static func insert(_ room: RoomRow, _ tx: Transaction) throws {
        try tx.later(
            """
            INSERT INTO roomserver_rooms (room_nid, room_id, version, depth, latest_events, state_version, state_group, last_state_group,
                group_distance, state_size, joined_members, out_seq, changed_ts)
            VALUES (\(room.nid), \(room.roomID), \(room.version.rawValue), \(room.depth), \(EventIDs.text(room.latestEvents)),
                \(room.stateVersion), \(room.stateGroup), \(room.lastStateGroup), 0, \(room.stateSize),
                \(room.joinedMembers), \(room.seq), \(sql: .now))
            """)
    }

    static func update(_ rooms: [RoomRow], _ tx: Transaction) throws {
        let rows = rooms.map { room in
            [
                room.nid, room.depth, EventIDs.text(room.latestEvents), room.stateVersion, room.stateGroup, room.lastStateGroup,
                room.stateSize, room.joinedMembers, room.seq,
            ] as [any SQLBindable]
        }
        try tx.later(
            """
            UPDATE roomserver_rooms SET depth = v.column2, latest_events = v.column3, state_version = v.column4,
                state_group = v.column5, last_state_group = v.column6, state_size = v.column7,
                joined_members = v.column8, out_seq = v.column9, changed_ts = \(sql: .now)
            FROM (\(rows: rows)) v WHERE room_nid = v.column1
            """)
    }

    /// A version that a later release wrote and this one does not know is no reason to crash.
    static func roomVersion(_ string: String) throws -> RoomVersion {
        guard let version = RoomVersion(rawValue: string) else { throw MatrixError.unsupportedRoomVersion() }
        return version
    }
}

/// Lists of event IDs in a column: a JSON array, as event IDs of old rooms may hold anything.
enum EventIDs {
    static func text(_ eventIDs: [String]) -> String {
        String(decoding: JSON.array(eventIDs.map(JSON.string)).serialized(), as: UTF8.self)
    }

    static func read(_ text: String) -> [String] {
        ((try? JSON(parsing: Array(text.utf8)))?.array ?? []).compactMap(\.string)
    }
}
