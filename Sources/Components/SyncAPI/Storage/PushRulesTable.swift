import Matrix
import PushRules
import SQL
import Topics

/// Whose push rules are no longer those that everybody begins with, and which rooms they are in.
struct PushRulesTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_push_rules (
            user_id \(.text) PRIMARY KEY,
            position \(.integer) NOT NULL
        )
        """
    static let membersSchema: SQL = """
        CREATE TABLE syncapi_push_rules_members (
            room_id \(.text) NOT NULL,
            user_id \(.text) NOT NULL,
            PRIMARY KEY (room_id, user_id)
        )
        """
    static let membersIndex: SQL = "CREATE INDEX syncapi_push_rules_members_user ON syncapi_push_rules_members (user_id)"

    /// The rules in account data `m.push_rules`; nil where that is none.
    static func rules(in content: [UInt8]) -> PushRuleset? {
        struct Content: Decodable { var global: PushRuleset }
        return try? JSONCoder.decode(Content.self, from: content, .lenient).global
    }

    /// Takes note of account data that was set. Returns whether it is push rules.
    static func record(_ data: ClientData, position: Int64, in tx: Transaction) throws -> Bool {
        guard data.type == "m.push_rules", data.roomID == nil else { return false }
        guard let rules = rules(in: data.content.bytes), rules != PushRuleset.defaults(for: data.userID) else {
            try deleteAll(of: data.userID, in: tx)
            return true
        }
        try tx.later("""
            INSERT INTO syncapi_push_rules (user_id, position) VALUES (\(data.userID), \(position))
            ON CONFLICT (user_id) DO UPDATE SET position = excluded.position
            """)
        try tx.later("""
            INSERT INTO syncapi_push_rules_members (room_id, user_id)
            SELECT room_id, user_id FROM syncapi_memberships WHERE user_id = \(data.userID) AND membership = 'join'
            ON CONFLICT (room_id, user_id) DO NOTHING
            """)
        return true
    }

    /// Lets a user have the rules that everybody begins with.
    static func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.later("DELETE FROM syncapi_push_rules WHERE user_id = \(userID)")
        try tx.later("DELETE FROM syncapi_push_rules_members WHERE user_id = \(userID)")
    }

    /// Takes note of who came and who went.
    static func record(_ changes: [MembershipsTable.Change], in tx: Transaction) throws {
        let last = Dictionary(changes.map { ($0.place, $0.membership == "join") }, uniquingKeysWith: { $1 })
        let came = last.filter(\.value).keys.map { [$0.roomID, $0.userID] }
        let went = last.filter { !$0.value }.keys.map { [$0.roomID, $0.userID] }
        for page in came.pages(of: 500) {
            try tx.later("""
                INSERT INTO syncapi_push_rules_members (room_id, user_id)
                SELECT v.column1, v.column2 FROM (\(rows: Array(page))) v
                JOIN syncapi_push_rules p ON p.user_id = v.column2 WHERE TRUE
                ON CONFLICT (room_id, user_id) DO NOTHING
                """)
        }
        for page in went.pages(of: 500) {
            try tx.later("""
                DELETE FROM syncapi_push_rules_members
                WHERE (room_id, user_id) IN (\(rows: Array(page)))
                """)
        }
    }

    /// A member with rules of their own, and since when they are what they are.
    struct Member: Sendable {
        var roomID: String
        var userID: String
        var position: Int64
    }

    /// Those of some rooms, with the next statement that is waited for.
    static func membersAhead(of rooms: [String], in tx: Transaction) throws -> () throws -> [Member] {
        if rooms.isEmpty { return { [] } }
        let found = try tx.ahead("""
            SELECT m.room_id, m.user_id, p.position
            FROM syncapi_push_rules_members m JOIN syncapi_push_rules p ON p.user_id = m.user_id WHERE m.room_id \(anyOf: rooms)
            """)
        return {
            try found.rows(as: String.self, String.self, Int64.self).map { Member(roomID: $0, userID: $1, position: $2) }
        }
    }

    /// The rules of some users.
    static func rules(of users: [String], in tx: Transaction) throws -> [String: PushRuleset] {
        if users.isEmpty { return [:] }
        let rows = try tx.rows("""
            SELECT user_id, content FROM syncapi_account_data
            WHERE user_id \(anyOf: users) AND room_id = '' AND type = 'm.push_rules'
            """, as: String.self, [UInt8].self)
        return Dictionary(rows.compactMap { row in rules(in: row.1).map { (row.0, $0) } }) { $1 }
    }
}
