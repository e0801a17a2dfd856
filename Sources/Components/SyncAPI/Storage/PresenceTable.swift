import SQL
import Topics

/// The presence of each user of whom anything was ever heard.
struct PresenceTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_presence (
            user_id \(.text) PRIMARY KEY,
            state \(.text) NOT NULL,
            status_msg \(.text),
            last_active_ts \(.integer) NOT NULL,
            is_active \(.boolean) NOT NULL,
            synced \(.text) NOT NULL,
            due_ts \(.integer),
            position \(.integer) NOT NULL
        )
        """
    static let positionIndex: SQL = "CREATE INDEX syncapi_presence_position ON syncapi_presence (position)"
    static let dueIndex: SQL = "CREATE INDEX syncapi_presence_due ON syncapi_presence (due_ts) WHERE due_ts IS NOT NULL"

    /// So many users are told of in one answer, at the most: those of whom there was news last.
    private static let most = 1_000
    /// So many are looked at for that.
    private static let reach = 5_000

    static func upsert(_ rows: [PresenceRow], in tx: Transaction) throws {
        let rows = rows.compactMap { row -> [any SQLBindable]? in
            guard let presence = row.presence else { return nil }
            return [
                row.userID, presence.state.rawValue, presence.statusMessage, presence.lastActive, presence.isActive,
                presence.synced.rawValue, presence.due, row.position,
            ]
        }
        if rows.isEmpty { return }
        try tx.run("""
            INSERT INTO syncapi_presence (user_id, state, status_msg, last_active_ts, is_active, synced, due_ts, position)
            \(rows: rows)
            ON CONFLICT (user_id) DO UPDATE SET state = excluded.state, status_msg = excluded.status_msg,
                last_active_ts = excluded.last_active_ts, is_active = excluded.is_active, synced = excluded.synced,
                due_ts = excluded.due_ts, position = excluded.position
            """)
    }

    /// Those of these users of whom something was heard.
    static func rows(of userIDs: [String], in tx: Transaction) throws -> [PresenceRow] {
        if userIDs.isEmpty { return [] }
        return try select("syncapi_presence p WHERE p.user_id \(anyOf: userIDs)", in: tx)
    }

    /// Those whose presence changes by time alone.
    static func due(at now: Int64, limit: Int, in tx: Transaction) throws -> [PresenceRow] {
        try select("""
            syncapi_presence p WHERE p.due_ts <= \(now) OR p.due_ts > \(now + Presence.idleAfter)
            ORDER BY p.due_ts LIMIT \(Int64(limit))
            """, in: tx)
    }

    /// Whether there is something for ``due(at:limit:in:)``; nil where there is nothing to wait for either.
    static func isAnyDue(at now: Int64, in tx: Transaction) throws -> Bool? {
        guard let (first, last) = try tx.row(
            "SELECT MIN(due_ts), MAX(due_ts) FROM syncapi_presence WHERE due_ts IS NOT NULL", as: Int64?.self, Int64?.self),
            let first, let last
        else { return nil }
        return first <= now || last > now + Presence.idleAfter
    }

    /// Everything that changed in a stretch, of whomever.
    static func changed(above low: Int64, through high: Int64, in tx: Transaction) throws -> [PresenceRow] {
        try select("syncapi_presence p WHERE p.position > \(low) AND p.position <= \(high) ORDER BY p.position", in: tx)
    }

    /// What changed above a position of the user and of those whom the user shares a room with.
    /// - Parameter withOffline: whether those count who are offline.
    static func changed(
        for userID: String, above position: Int64, withOffline: Bool, in tx: Transaction
    ) throws -> [PresenceRow] {
        let states: SQL = withOffline ? "" : "AND (n.state <> 'offline' OR n.user_id = \(userID))"
        return try select("""
            (SELECT * FROM syncapi_presence n WHERE n.position > \(position) \(sql: states)
                ORDER BY n.position DESC LIMIT \(Int64(reach))) p
            WHERE p.user_id = \(userID) OR EXISTS (
                SELECT 1 FROM syncapi_memberships o
                JOIN syncapi_memberships m ON m.room_id = o.room_id AND m.user_id = \(userID) AND m.membership = 'join'
                WHERE o.user_id = p.user_id AND o.membership = 'join')
            ORDER BY p.position DESC LIMIT \(Int64(most))
            """, in: tx)
    }

    /// What changed above a position of the members of a room.
    static func changed(in roomID: String, above position: Int64, in tx: Transaction) throws -> [PresenceRow] {
        try select("""
            (SELECT * FROM syncapi_presence n WHERE n.position > \(position) ORDER BY n.position DESC LIMIT \(Int64(reach))) p
            WHERE EXISTS (
                SELECT 1 FROM syncapi_memberships o
                WHERE o.room_id = \(roomID) AND o.user_id = p.user_id AND o.membership = 'join')
            ORDER BY p.position DESC LIMIT \(Int64(most))
            """, in: tx)
    }

    /// The members of rooms, and those who joined other rooms above a position, but for one.
    static func members(
        of rooms: [String], joined others: [String], above position: Int64, without userID: String?, in tx: Transaction
    ) throws -> [PresenceRow] {
        let spans = rooms.map { RoomSpan(roomID: $0, low: 0, high: .max) }
            + others.map { RoomSpan(roomID: $0, low: position, high: .max) }
        if spans.isEmpty { return [] }
        return try tx.map("""
            SELECT u.user_id, p.state, p.status_msg, p.last_active_ts, p.is_active, p.synced, p.position
            FROM (SELECT DISTINCT o.user_id FROM \(sql: spans.table) JOIN syncapi_memberships o ON o.room_id = s.room_id
                AND o.membership = 'join' AND o.position > s.low AND o.position <= s.high AND o.user_id <> \(userID ?? "")) u
            LEFT JOIN syncapi_presence p ON p.user_id = u.user_id
            ORDER BY COALESCE(p.position, 0) DESC, u.user_id LIMIT \(Int64(most))
            """) { try PresenceRow(&$0) }
    }

    /// The rooms that users are in, so many at the most.
    static func rooms(of userIDs: [String], limit: Int, in tx: Transaction) throws -> [(userID: String, roomID: String)] {
        if userIDs.isEmpty { return [] }
        return try tx.rows("""
            SELECT user_id, room_id FROM syncapi_memberships WHERE user_id \(anyOf: userIDs) AND membership = 'join'
            LIMIT \(Int64(limit))
            """, as: String.self, String.self).map { (userID: $0, roomID: $1) }
    }

    /// Whether two users are in a room together.
    static func isShared(_ userID: String, with other: String, in tx: Transaction) throws -> Bool {
        try tx.row("""
            SELECT 1 FROM syncapi_memberships o
            JOIN syncapi_memberships m ON m.room_id = o.room_id AND m.user_id = \(userID) AND m.membership = 'join'
            WHERE o.user_id = \(other) AND o.membership = 'join' LIMIT 1
            """, as: Int.self) != nil
    }

    private static func select(_ source: SQL, in tx: Transaction) throws -> [PresenceRow] {
        try tx.map("""
            SELECT p.user_id, p.state, p.status_msg, p.last_active_ts, p.is_active, p.synced, p.position FROM \(sql: source)
            """) { try PresenceRow(&$0) }
    }
}

extension PresenceRow {
    /// In the order of the columns; all but the first may be absent together.
    fileprivate init(_ row: inout ColumnReader) throws {
        userID = try row.text()
        let state = try row.textIfAny(), message = try row.textIfAny(), lastActive = try row.integerIfAny()
        let isActive = try row.booleanIfAny(), synced = try row.textIfAny()
        position = try row.integerIfAny() ?? 0
        guard let state, let lastActive else { return }
        presence = Presence(
            state: Presence.State(rawValue: state) ?? .offline, statusMessage: message, lastActive: lastActive,
            isActive: isActive ?? false, synced: synced.flatMap(Presence.State.init(rawValue:)) ?? .offline)
    }
}
