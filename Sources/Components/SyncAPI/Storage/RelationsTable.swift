import Matrix
import SQL

/// Which event relates how to which, for those that were not redacted.
struct RelationsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_relations (
            position \(.integer) PRIMARY KEY,
            room_id \(.text) NOT NULL,
            parent_id \(.text) NOT NULL,
            rel_type \(.text) NOT NULL,
            child_id \(.text) NOT NULL,
            type \(.text) NOT NULL,
            sender \(.text) NOT NULL,
            ts \(.integer) NOT NULL,
            is_replacement \(.boolean) NOT NULL
        )
        """
    static let parentIndex: SQL = "CREATE INDEX syncapi_relations_parent ON syncapi_relations (parent_id, position)"
    static let typeIndex: SQL = "CREATE INDEX syncapi_relations_type ON syncapi_relations (parent_id, rel_type, position)"
    static let senderIndex: SQL = "CREATE INDEX syncapi_relations_sender ON syncapi_relations (parent_id, rel_type, sender, ts)"

    /// An event that relates to another.
    struct Row: Sendable {
        var relation: Relation
        var position: Int64
        var roomID: String
        var childID: String
        var type: String
        var sender: String
        var timestamp: Int64
        /// Whether it has what it takes to replace an event of its sender and type.
        /// [Validity of replacement events](https://spec.matrix.org/v1.19/client-server-api/#validity-of-replacement-events)
        var isReplacement: Bool

        init?(_ event: Event, room roomID: String, position: Int64) {
            guard let relation = Relation(event.content) else { return nil }
            self.relation = relation
            self.position = position
            self.roomID = roomID
            childID = event.eventID
            type = event.type
            sender = event.sender
            timestamp = event.originServerTS
            // What is in an encrypted event only clients can tell.
            isReplacement =
                relation.type == Relation.replacement && !event.isState
                && (event.content["m.new_content"]?.object != nil || event.type == "m.room.encrypted")
        }
    }

    static func insert(_ rows: [Row], in tx: Transaction) throws {
        for page in rows.pages(of: 500) {
            let values = page.map { row -> [any SQLBindable] in
                [
                    row.position, row.roomID, row.relation.parentID, row.relation.type, row.childID, row.type, row.sender,
                    row.timestamp, row.isReplacement,
                ]
            }
            try tx.later("""
                INSERT INTO syncapi_relations
                    (position, room_id, parent_id, rel_type, child_id, type, sender, ts, is_replacement)
                \(rows: values)
                """)
        }
    }

    /// Those of some positions that have a row.
    static func known(among positions: [Int64], in tx: Transaction) throws -> Set<Int64> {
        if positions.isEmpty { return [] }
        return Set(try tx.rows("SELECT position FROM syncapi_relations WHERE position \(anyOf: positions)", as: Int64.self))
    }

    /// What is redacted relates to nothing any more. Returns how it did.
    static func remove(_ position: Int64, in tx: Transaction) throws -> Relation? {
        try tx.row("""
            DELETE FROM syncapi_relations WHERE position = \(position) RETURNING parent_id, rel_type
            """, as: String.self, String.self
        ).map { Relation(parentID: $0, type: $1) }
    }

    /// Which of a parent's children are asked for.
    struct Children: Sendable {
        var roomID: String
        var parentID: String
        var relType: String?
        var type: String?
        /// Whether those are wanted too that relate to a child, and so on.
        var recurses = false
    }

    /// How far relations are followed from an event: what relates to what relates to what relates to it.
    static let depth: Int64 = 3
    /// How many of an event's relations are followed.
    private static let mostFollowed: Int64 = 20_000

    /// The children within a stretch, the first or the last of them.
    static func events(
        _ children: Children, above low: Int64, through high: Int64, newestFirst: Bool, limit: Int, in tx: Transaction
    ) throws -> [StoredEvent] {
        let order: SQL = newestFirst ? "ORDER BY e.position DESC" : "ORDER BY e.position"
        let source: SQL = children.recurses ? descendants(children) : """
            syncapi_relations r JOIN syncapi_events e ON e.position = r.position
            WHERE r.parent_id = \(children.parentID) AND r.room_id = \(children.roomID)
                AND r.position > \(low) AND r.position <= \(high) \(sql: kinds(children))
            """
        let within: SQL = children.recurses ? "WHERE e.position > \(low) AND e.position <= \(high)" : ""
        return try EventsTable.select(
            from: "\(sql: source) \(sql: within)", order: "\(sql: order) LIMIT \(Int64(limit))", in: tx)
    }

    /// What a user annotated an event with, the newest first, up to a bound.
    static func annotations(
        of parentID: String, by userID: String, type: String, room roomID: String, in tx: Transaction
    ) throws -> [StoredEvent] {
        try EventsTable.select(
            from: """
                syncapi_relations r JOIN syncapi_events e ON e.position = r.position
                WHERE r.parent_id = \(parentID) AND r.rel_type = \(Relation.annotation) AND r.sender = \(userID)
                    AND r.type = \(type) AND r.room_id = \(roomID)
                """, order: "ORDER BY e.position DESC LIMIT 200", in: tx)
    }

    private static func descendants(_ children: Children) -> SQL {
        """
        (WITH RECURSIVE followed (position, child_id, rel_type, type, depth) AS (
            SELECT position, child_id, rel_type, type, 1 FROM syncapi_relations
            WHERE parent_id = \(children.parentID) AND room_id = \(children.roomID)
            UNION
            SELECT n.position, n.child_id, n.rel_type, n.type, p.depth + 1
            FROM followed p JOIN syncapi_relations n ON n.parent_id = p.child_id AND n.room_id = \(children.roomID)
            WHERE p.depth < \(depth)
        )
        SELECT DISTINCT r.position FROM (SELECT * FROM followed LIMIT \(mostFollowed)) r WHERE TRUE \(sql: kinds(children)))
        w JOIN syncapi_events e ON e.position = w.position
        """
    }

    private static func kinds(_ children: Children) -> SQL {
        let relType: SQL = children.relType.map { "AND r.rel_type = \($0)" } ?? ""
        let type: SQL = children.type.map { "AND r.type = \($0)" } ?? ""
        return "\(sql: relType) \(sql: type)"
    }
}
