import Matrix
import SQL

/// Every event of every room, by sync position. Within a room the order of positions is the order of the room's log.
struct EventsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_events (
            position \(.integer) PRIMARY KEY,
            room_id \(.text) NOT NULL,
            event_id \(.text) NOT NULL UNIQUE,
            type \(.text) NOT NULL,
            state_key \(.text),
            sender \(.text) NOT NULL,
            membership \(.text),
            contains_url \(.boolean) NOT NULL,
            is_current_state \(.boolean) NOT NULL,
            room_version \(.text) NOT NULL,
            event \(.bytes) NOT NULL,
            prev_content \(.bytes),
            replaces_id \(.text),
            redacted_because \(.bytes),
            transaction_user \(.text),
            transaction_device \(.text),
            transaction_id \(.text),
            history_visibility \(.text) NOT NULL
        )
        """
    static let roomIndex: SQL = "CREATE INDEX syncapi_events_room ON syncapi_events (room_id, position)"
    static let stateIndex: SQL = """
        CREATE INDEX syncapi_events_state ON syncapi_events (room_id, type, state_key, position) WHERE state_key IS NOT NULL
        """

    static func insert(_ events: [StoredEvent], in tx: Transaction) throws {
        for page in events.pages(of: 500) {
            let rows = page.map { event -> [any SQLBindable] in
                [
                    event.position, event.roomID, event.eventID, event.type, event.stateKey, event.sender, event.membership,
                    event.containsURL, event.isCurrentState, event.roomVersion, event.pdu, event.prevContent, event.replacesID,
                    event.transaction?.userID, event.transaction?.deviceID, event.transaction?.transactionID,
                    event.historyVisibility, event.originServerTS,
                ]
            }
            try tx.later("""
                INSERT INTO syncapi_events (position, room_id, event_id, type, state_key, sender, membership, contains_url,
                    is_current_state, room_version, event, prev_content, replaces_id, transaction_user, transaction_device,
                    transaction_id, history_visibility, origin_server_ts)
                \(rows: rows)
                """)
        }
    }

    /// Puts the redacted form in place of an event, and of its content where the state event after it shows that.
    static func redact(
        _ event: StoredEvent, to pdu: [UInt8], content: [UInt8], because: [UInt8], in tx: Transaction
    ) throws {
        try tx.run("""
            UPDATE syncapi_events SET event = \(pdu), redacted_because = \(because), prev_content = NULL, contains_url = \(false)
            WHERE event_id = \(event.eventID)
            """)
        guard let stateKey = event.stateKey else { return }
        try tx.run("""
            UPDATE syncapi_events SET prev_content = \(content)
            WHERE room_id = \(event.roomID) AND type = \(event.type) AND state_key = \(stateKey)
                AND replaces_id = \(event.eventID) AND prev_content IS NOT NULL
            """)
    }

    static func event(_ eventID: String, room roomID: String, in tx: Transaction) throws -> StoredEvent? {
        try select("e.event_id = \(eventID) AND e.room_id = \(roomID)", order: "ORDER BY e.position LIMIT 1", in: tx).first
    }

    /// Several of a room, by ID.
    static func events(_ eventIDs: [String], room roomID: String, in tx: Transaction) throws -> [String: StoredEvent] {
        if eventIDs.isEmpty { return [:] }
        let events = try select("e.event_id \(anyOf: eventIDs) AND e.room_id = \(roomID)", order: "", in: tx)
        return Dictionary(events.map { ($0.eventID, $0) }) { $1 }
    }

    /// Those at some positions.
    static func events(at positions: [Int64], in tx: Transaction) throws -> [Int64: StoredEvent] {
        if positions.isEmpty { return [:] }
        let events = try select("e.position \(anyOf: positions)", order: "", in: tx)
        return Dictionary(events.map { ($0.position, $0) }) { $1 }
    }

    /// The first of a stretch, or the last with the newest first. With the next statement that is waited for.
    static func ahead(
        of span: RoomSpan, newestFirst: Bool, limit: Int, in tx: Transaction
    ) throws -> () throws -> [StoredEvent] {
        let order: SQL = newestFirst ? "ORDER BY e.position DESC" : "ORDER BY e.position"
        return try ahead(
            from: """
                syncapi_events e
                WHERE e.room_id = \(span.roomID) AND e.position > \(span.low) AND e.position <= \(span.high)
                """, order: "\(sql: order) LIMIT \(Int64(limit))", in: tx)
    }

    /// Those of all rooms, the oldest first.
    static func all(above low: Int64, through high: Int64, limit: Int64? = nil, in tx: Transaction) throws -> [StoredEvent] {
        let few: SQL = limit.map { "LIMIT \($0)" } ?? ""
        return try select("e.position > \(low) AND e.position <= \(high)", order: "ORDER BY e.position \(sql: few)", in: tx)
    }

    /// The newest events of each stretch, the newest first.
    static func newest(of spans: [RoomSpan], limit: Int, in tx: Transaction) throws -> [String: [StoredEvent]] {
        Dictionary(grouping: try few(of: spans, order: "DESC", limit: limit, in: tx)) { $0.roomID }
    }

    /// The oldest events of all stretches together, the oldest first.
    static func oldest(of spans: [RoomSpan], limit: Int, in tx: Transaction) throws -> [StoredEvent] {
        try few(of: spans, order: "ASC", limit: limit, altogether: "LIMIT \(Int64(limit))", in: tx)
    }

    private static func few(
        of spans: [RoomSpan], order: SQL, limit: Int, altogether: SQL = "", in tx: Transaction
    ) throws -> [StoredEvent] {
        if spans.isEmpty { return [] }
        let few: SQL = """
            FROM syncapi_events x WHERE x.room_id = s.room_id AND x.position > s.low AND x.position <= s.high
            ORDER BY x.position \(sql: order) LIMIT \(Int64(limit))
            """
        return try select(
            from: """
                \(sql: spans.table)
                \(postgres: "CROSS JOIN LATERAL (SELECT x.*", sqlite: "JOIN syncapi_events e ON e.position IN (SELECT x.position")
                \(sql: few)) \(postgres: "e", sqlite: "")
                """, order: "ORDER BY e.position \(sql: order) \(sql: altogether)", in: tx)
    }

    /// The current member events of the users named.
    static func members(_ userIDs: [String], room roomID: String, in tx: Transaction) throws -> [StoredEvent] {
        try members(userIDs.map { MemberSpan(userID: $0, span: RoomSpan(roomID: roomID, low: 0, high: .max)) }, in: tx)[roomID] ?? []
    }

    static func select(_ condition: SQL, order: SQL, in tx: Transaction) throws -> [StoredEvent] {
        try select(from: "syncapi_events e WHERE \(sql: condition)", order: order, in: tx)
    }

    /// The events that `source` names `e`.
    static func select(from source: SQL, order: SQL, in tx: Transaction) throws -> [StoredEvent] {
        try ahead(from: source, order: order, in: tx)()
    }

    private static func ahead(from source: SQL, order: SQL, in tx: Transaction) throws -> () throws -> [StoredEvent] {
        let found = try tx.ahead("""
            SELECT e.position, e.room_id, e.event_id, e.type, e.state_key, e.sender, e.membership, e.contains_url,
                e.is_current_state, e.room_version, e.event, e.prev_content, e.replaces_id, e.redacted_because,
                e.transaction_user, e.transaction_device, e.transaction_id, e.history_visibility, e.origin_server_ts
            FROM \(sql: source) \(sql: order)
            """)
        return { try found.map { try StoredEvent(&$0) } }
    }
}
