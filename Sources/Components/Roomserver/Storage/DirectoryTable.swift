import Contracts
import SQL

/// A place in the directory, between two rooms of its order: by members, the most first.
struct DirectoryPosition: Sendable, Equatable {
    enum Direction: String, Sendable { case after = "a", before = "b" }
    var direction: Direction
    var members: Int64
    var room: Int64

    init(_ direction: Direction, _ row: DirectoryRow) {
        self.direction = direction
        members = row.members
        room = row.nid
    }

    /// Reads a token; nil where it is none of ours.
    init?(token: String) {
        let parts = token.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, let direction = Direction(rawValue: String(parts[0])), let members = Int64(parts[1]),
            let room = Int64(parts[2])
        else { return nil }
        self.direction = direction
        self.members = members
        self.room = room
    }

    var token: String { "\(direction.rawValue)_\(members)_\(room)" }
}

/// A listed room and its place in the order.
struct DirectoryRow: Sendable {
    let nid: Int64
    let members: Int64
    let room: QueryPublicRooms.Room
}

/// The published rooms, as searches of the directory read them.
enum DirectoryTable {
    /// Which rooms a search is about.
    static func condition(
        searchTerm: String?, roomTypes: [String?]?, network: String? = nil, includesAllNetworks: Bool = false
    ) -> SQL {
        var condition: SQL = "s.published"
        if let network {
            condition = "s.room_nid IN (\(sql: NetworkTable.rooms(of: network)))"
        } else if includesAllNetworks {
            condition = """
                s.room_nid IN (SELECT p.room_nid FROM roomserver_summaries p WHERE p.published
                    UNION SELECT n.room_nid FROM roomserver_network_rooms n)
                """
        }
        if let term = searchTerm?.lowercased(), !term.isEmpty {
            condition = "\(sql: condition) AND \(postgres: "strpos", sqlite: "instr")(s.search_text, \(term)) > 0"
        }
        if let roomTypes {
            let named: SQL = "s.room_type \(anyOf: roomTypes.compactMap(\.self))"
            condition =
                roomTypes.contains(nil)
                ? "\(sql: condition) AND (s.room_type IS NULL OR \(sql: named))" : "\(sql: condition) AND \(sql: named)"
        }
        return condition
    }

    static func count(_ condition: SQL, _ tx: Transaction) throws -> Int {
        try tx.row("SELECT count(*) FROM roomserver_summaries s WHERE \(sql: condition)", as: Int.self) ?? 0
    }

    /// At most `limit` rooms next to a position, the one next to it first.
    static func rooms(
        _ condition: SQL, from position: DirectoryPosition?, limit: Int, _ tx: Transaction
    ) throws -> [DirectoryRow] {
        var condition = condition
        var order: SQL = "ORDER BY r.joined_members DESC, r.room_nid"
        switch position?.direction {
        case .after:
            condition = """
                \(sql: condition) AND (r.joined_members < \(position?.members) OR r.joined_members = \(position?.members)
                    AND r.room_nid > \(position?.room))
                """
        case .before:
            condition = """
                \(sql: condition) AND (r.joined_members > \(position?.members) OR r.joined_members = \(position?.members)
                    AND r.room_nid < \(position?.room))
                """
            order = "ORDER BY r.joined_members, r.room_nid DESC"
        case nil: break
        }
        return try select("\(sql: condition) \(sql: order) LIMIT \(Int64(limit))", tx)
    }

    /// What a room says of itself, listed or not.
    static func room(_ nid: Int64, _ tx: Transaction) throws -> QueryPublicRooms.Room? {
        try select("s.room_nid = \(nid)", tx).first?.room
    }

    private static func select(_ condition: SQL, _ tx: Transaction) throws -> [DirectoryRow] {
        let rows = try tx.rows(
            """
            SELECT r.room_nid, r.joined_members, r.room_id, s.name, s.topic, s.avatar_url, s.canonical_alias, s.join_rule,
                s.guest_can_join, s.world_readable, s.room_type
            FROM roomserver_summaries s JOIN roomserver_rooms r ON r.room_nid = s.room_nid
            WHERE \(sql: condition)
            """,
            as: Int64.self, Int64.self, String.self, String?.self, String?.self, String?.self, String?.self, String?.self,
            Bool.self, Bool.self, String?.self)
        return rows.map { row in
            DirectoryRow(
                nid: row.0, members: row.1,
                room: QueryPublicRooms.Room(
                    aliases: nil, avatarURL: row.5, canonicalAlias: row.6, guestCanJoin: row.8, joinRule: row.7, name: row.3,
                    numJoinedMembers: Int(row.1), roomID: row.2, roomType: row.10, topic: row.4, worldReadable: row.9))
        }
    }
}
