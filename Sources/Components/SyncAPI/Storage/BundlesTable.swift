import Matrix
import SQL

/// Reads what is bundled with events, of any number of them at once.
struct BundlesTable {
    /// An event, and the last position that is looked at for what relates to it.
    struct Parent: Sendable {
        var event: StoredEvent
        var horizon: Int64

        /// [Validity of replacement events](https://spec.matrix.org/v1.19/client-server-api/#validity-of-replacement-events)
        var mayBeEdited: Bool {
            event.stateKey == nil && event.redactedBecause == nil && Relation(event.content)?.type != Relation.replacement
        }
    }

    /// What is told of a thread.
    struct Thread: Sendable {
        var last: Int64
        var count: Int64
        var isParticipant: Bool
    }

    /// So many references to an event are told of.
    private static let mostReferences: Int64 = 500

    /// Those of the events that anything relates to.
    static func parents(among events: [StoredEvent], in tx: Transaction) throws -> [String] {
        if events.isEmpty { return [] }
        return try tx.rows("""
            SELECT s.column1 FROM (\(rows: events.map { [$0.eventID] })) s
            WHERE EXISTS (SELECT 1 FROM syncapi_relations r WHERE r.parent_id = s.column1)
            """, as: String.self)
    }

    /// The newest edit of each event: by its sender, and of its type. By the event's ID.
    /// [Server-side aggregation of m.replace relationships](https://spec.matrix.org/v1.19/client-server-api/#server-side-aggregation-of-mreplace-relationships)
    static func edits(of parents: [Parent], in tx: Transaction) throws -> [String: StoredEvent] {
        if parents.isEmpty { return [:] }
        let rows = parents.map { parent -> [any SQLBindable] in
            [parent.event.eventID, parent.event.roomID, parent.event.sender, parent.event.type, parent.horizon]
        }
        let found = try EventsTable.select(
            from: """
                (SELECT column1 AS parent_id, column2 AS room_id, column3 AS sender, column4 AS type, column5 AS high
                FROM (\(rows: rows)) v) s
                JOIN syncapi_events e ON e.position = (
                    SELECT r.position FROM syncapi_relations r
                    WHERE r.parent_id = s.parent_id AND r.rel_type = \(Relation.replacement) AND r.sender = s.sender
                        AND r.room_id = s.room_id AND r.type = s.type AND r.is_replacement = \(true) AND r.position <= s.high
                    ORDER BY r.ts DESC, r.child_id DESC LIMIT 1)
                """, order: "ORDER BY e.position", in: tx)
        return Dictionary(found.compactMap { event in Relation(event.content).map { ($0.parentID, event) } }) { $1 }
    }

    /// The events that refer to each, the oldest first.
    static func references(to parents: [Parent], in tx: Transaction) throws -> [String: [String]] {
        if parents.isEmpty { return [:] }
        let first: SQL = """
            FROM syncapi_relations x
            WHERE x.parent_id = s.parent_id AND x.rel_type = \(Relation.reference) AND x.room_id = s.room_id
                AND x.position <= s.high
            ORDER BY x.position LIMIT \(mostReferences)
            """
        let rows = try tx.rows("""
            SELECT r.parent_id, r.child_id FROM \(sql: table(parents))
            \(postgres: "CROSS JOIN LATERAL (SELECT x.*",
               sqlite: "JOIN syncapi_relations r ON r.position IN (SELECT x.position")
            \(sql: first)) \(postgres: "r", sqlite: "")
            ORDER BY r.position
            """, as: String.self, String.self)
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    /// The threads that begin with the events, by the event's ID.
    static func threads(of parents: [Parent], for userID: String, in tx: Transaction) throws -> [String: Thread] {
        if parents.isEmpty { return [:] }
        let within: SQL = """
            FROM syncapi_relations r
            WHERE r.parent_id = t.root_id AND r.rel_type = \(Relation.thread) AND r.room_id = t.room_id
            """
        let rows = try tx.rows("""
            SELECT t.root_id,
                CASE WHEN t.last_position <= s.high THEN t.last_position
                    ELSE COALESCE((SELECT MAX(r.position) \(sql: within) AND r.position <= s.high), 0) END,
                CASE WHEN t.last_position <= s.high THEN t.replies
                    ELSE (SELECT COUNT(*) \(sql: within) AND r.position <= s.high) END,
                s.sender = \(userID) OR EXISTS (SELECT 1 \(sql: within) AND r.sender = \(userID) AND r.position <= s.high)
            FROM \(sql: table(parents)) JOIN syncapi_threads t ON t.room_id = s.room_id AND t.root_id = s.parent_id
            """, as: String.self, Int64.self, Int64.self, Bool.self)
        return Dictionary(rows.filter { $0.1 > 0 }.map { ($0.0, Thread(last: $0.1, count: $0.2, isParticipant: $0.3)) }) { $1 }
    }

    /// The newest event of each thread.
    static func latest(of threads: [String: Thread], in tx: Transaction) throws -> [String: StoredEvent] {
        let events = try EventsTable.events(at: threads.values.map(\.last), in: tx)
        return threads.compactMapValues { events[$0.last] }
    }

    private static func table(_ parents: [Parent]) -> SQL {
        let rows = parents.map { parent -> [any SQLBindable] in
            [parent.event.eventID, parent.event.roomID, parent.event.sender, parent.horizon]
        }
        return "(SELECT column1 AS parent_id, column2 AS room_id, column3 AS sender, column4 AS high FROM (\(rows: rows)) v) s"
    }
}
