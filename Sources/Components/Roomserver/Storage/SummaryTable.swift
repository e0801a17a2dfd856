import Matrix
import RoomRules
import SQL

/// What a room says of itself to those outside, taken from its current state.
struct RoomSummary: Sendable, Equatable {
    var name: String?
    var topic: String?
    var avatarURL: String?
    var canonicalAlias: String?
    var joinRule: String?
    var guestCanJoin: Bool
    var worldReadable: Bool
    var roomType: String?

    /// The places in the state that it is taken from.
    static let keys = [
        "m.room.create", "m.room.name", "m.room.topic", "m.room.avatar", "m.room.canonical_alias", "m.room.join_rules",
        "m.room.guest_access", "m.room.history_visibility",
    ].map { StateKey($0) }

    init(of state: (StateKey) throws -> Event?) throws {
        func text(_ type: String, _ field: String) throws -> String? {
            // A database holds no U+0000; in a name nobody sees it.
            try state(StateKey(type))?.content[field]?.string?.filter { $0 != "\0" }
        }
        name = try text("m.room.name", "name")
        topic = try text("m.room.topic", "topic")
        avatarURL = try text("m.room.avatar", "url")
        canonicalAlias = try text("m.room.canonical_alias", "alias")
        joinRule = try text("m.room.join_rules", "join_rule")
        guestCanJoin = try text("m.room.guest_access", "guest_access") == "can_join"
        worldReadable = try text("m.room.history_visibility", "history_visibility") == "world_readable"
        roomType = try text("m.room.create", "type")
    }

    /// What a search of the directory looks through.
    fileprivate var searchText: String {
        [name, topic, canonicalAlias].compactMap { $0?.lowercased() }.joined(separator: "\n")
    }
}

/// `roomserver_summaries`: what the directory lists, and whether it lists the room at all.
enum SummaryTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_summaries (
                room_nid \(.integer) NOT NULL PRIMARY KEY,
                published \(.boolean) NOT NULL DEFAULT FALSE,
                name \(.text),
                topic \(.text),
                avatar_url \(.text),
                canonical_alias \(.text),
                join_rule \(.text),
                guest_can_join \(.boolean) NOT NULL,
                world_readable \(.boolean) NOT NULL,
                room_type \(.text),
                search_text \(.text) NOT NULL
            )
            """,
            "CREATE INDEX roomserver_summaries_published ON roomserver_summaries (room_nid) WHERE published",
        ]
    }

    static func upsert(_ summary: RoomSummary, room: Int64, _ tx: Transaction) throws {
        try tx.later(
            """
            INSERT INTO roomserver_summaries (room_nid, name, topic, avatar_url, canonical_alias, join_rule, guest_can_join,
                world_readable, room_type, search_text)
            VALUES (\(room), \(summary.name), \(summary.topic), \(summary.avatarURL), \(summary.canonicalAlias),
                \(summary.joinRule), \(summary.guestCanJoin), \(summary.worldReadable), \(summary.roomType),
                \(summary.searchText))
            ON CONFLICT (room_nid) DO UPDATE SET name = excluded.name, topic = excluded.topic,
                avatar_url = excluded.avatar_url, canonical_alias = excluded.canonical_alias,
                join_rule = excluded.join_rule, guest_can_join = excluded.guest_can_join,
                world_readable = excluded.world_readable, room_type = excluded.room_type, search_text = excluded.search_text
            """)
    }

    static func publish(_ published: Bool, room: Int64, _ tx: Transaction) throws {
        try tx.run("UPDATE roomserver_summaries SET published = \(published) WHERE room_nid = \(room)")
    }

    static func isPublished(room: Int64, _ tx: Transaction) throws -> Bool {
        try tx.row("SELECT published FROM roomserver_summaries WHERE room_nid = \(room)", as: Bool.self) ?? false
    }

    static func published(among roomIDs: [String], _ tx: Transaction) throws -> [String] {
        if roomIDs.isEmpty { return [] }
        return try tx.rows(
            """
            SELECT r.room_id FROM roomserver_rooms r JOIN roomserver_summaries s ON s.room_nid = r.room_nid
            WHERE r.room_id \(anyOf: roomIDs) AND s.published
            """, as: String.self)
    }

    static func isWorldReadable(room: Int64, _ tx: Transaction) throws -> Bool {
        try tx.row("SELECT world_readable FROM roomserver_summaries WHERE room_nid = \(room)", as: Bool.self) ?? false
    }
}
