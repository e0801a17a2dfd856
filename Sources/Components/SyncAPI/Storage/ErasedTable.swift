import SQL

/// Whose events are shown redacted to whoever was not there, and the rooms where there may be any.
enum ErasedTable {
    static let schema: SQL = "CREATE TABLE syncapi_erased (user_id \(.text) NOT NULL PRIMARY KEY)"
    static let roomColumn: SQL = "ALTER TABLE syncapi_rooms ADD COLUMN has_erased \(.boolean) NOT NULL DEFAULT FALSE"

    static func insert(_ userID: String, in tx: Transaction) throws {
        try tx.later("INSERT INTO syncapi_erased (user_id) VALUES (\(userID)) ON CONFLICT (user_id) DO NOTHING")
        try tx.later("""
            UPDATE syncapi_rooms SET has_erased = \(true)
            WHERE room_id IN (SELECT room_id FROM syncapi_memberships WHERE user_id = \(userID))
            """)
    }

    /// Takes note of rooms that are heard of after the erasure: whoever was in one has left it.
    static func record(_ changes: [MembershipsTable.Change], in tx: Transaction) throws {
        let left = changes.filter { ["leave", "ban"].contains($0.membership) }.map { [$0.place.roomID, $0.place.userID] }
        for page in left.pages(of: 500) {
            try tx.later("""
                UPDATE syncapi_rooms SET has_erased = \(true)
                WHERE room_id IN (
                    SELECT v.column1 FROM (\(rows: Array(page))) v JOIN syncapi_erased x ON x.user_id = v.column2)
                """)
        }
    }

    /// Those of the rooms in which somebody was who is erased.
    static func rooms(among roomIDs: some Collection<String>, in tx: Transaction) throws -> Set<String> {
        if roomIDs.isEmpty { return [] }
        return Set(try tx.rows("""
            SELECT room_id FROM syncapi_rooms WHERE room_id \(anyOf: Array(roomIDs)) AND has_erased = \(true)
            """, as: String.self))
    }

    /// Those of the users who are erased.
    static func users(among userIDs: some Collection<String>, in tx: Transaction) throws -> Set<String> {
        if userIDs.isEmpty { return [] }
        return Set(
            try tx.rows("SELECT user_id FROM syncapi_erased WHERE user_id \(anyOf: Array(userIDs))", as: String.self))
    }

    /// Those of the events that an erased user sent.
    static func events(among eventIDs: some Collection<String>, in tx: Transaction) throws -> Set<String> {
        if eventIDs.isEmpty { return [] }
        return Set(try tx.rows("""
            SELECT e.event_id FROM syncapi_events e JOIN syncapi_erased x ON x.user_id = e.sender
            WHERE e.event_id \(anyOf: Array(eventIDs))
            """, as: String.self))
    }
}
