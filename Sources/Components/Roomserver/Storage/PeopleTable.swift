import Contracts
import Matrix
import SQL

/// What a user is called, as their joining a room says; what is not set is empty.
struct Person: Sendable, Equatable {
    let userID: String
    let displayName: String
    let avatarURL: String
}

extension Person {
    init(of member: Event) {
        // A database holds no U+0000; in a name nobody sees it.
        func text(_ field: String) -> String { (member.content[field]?.string ?? "").filter { $0 != "\0" } }
        self.init(userID: member.stateKey ?? "", displayName: text("displayname"), avatarURL: text("avatar_url"))
    }
}

/// `roomserver_people` and `roomserver_people_words`: who was ever in a room, and the words by which they are found.
enum PeopleTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_people (
                user_id \(.text) NOT NULL PRIMARY KEY,
                display_name \(.text) NOT NULL,
                avatar_url \(.text) NOT NULL
            )
            """,
            """
            CREATE TABLE roomserver_people_words (
                word \(.text) NOT NULL,
                user_id \(.text) NOT NULL,
                PRIMARY KEY (word, user_id)
            )
            """,
            "CREATE INDEX roomserver_people_words_user ON roomserver_people_words (user_id)",
            // What those who are there already are called is learnt when they next say so.
            """
            INSERT INTO roomserver_people (user_id, display_name, avatar_url)
            SELECT DISTINCT user_id, '', '' FROM roomserver_membership WHERE membership = 'join'
            """,
            """
            INSERT INTO roomserver_people_words (word, user_id)
            SELECT \(postgres: "lower(split_part(substr(user_id, 2), ':', 1))",
                sqlite: "lower(substr(user_id, 2, instr(user_id, ':') - 2))"), user_id
            FROM roomserver_people
            """,
        ]
    }

    /// Notes what users are called; where that is known already, nothing is written or locked.
    static func note(_ people: [Person], _ tx: Transaction) throws {
        let last = Dictionary(people.map { ($0.userID, $0) }) { $1 }.values.sorted { $0.userID < $1.userID }
        for page in last.pages(of: 100) {
            let known = try find(page.map(\.userID), tx)
            let changed = page.filter { known[$0.userID] != $0 }
            if changed.isEmpty { continue }
            let words = changed.flatMap { person in
                Words.of(person.userID, displayName: person.displayName).sorted().map { [$0, person.userID] as [any SQLBindable] }
            }
            try tx.later("DELETE FROM roomserver_people_words WHERE user_id \(anyOf: changed.map(\.userID))")
            try tx.later(
                "INSERT INTO roomserver_people_words (word, user_id) \(rows: words) ON CONFLICT DO NOTHING")
            try tx.later(
                """
                INSERT INTO roomserver_people (user_id, display_name, avatar_url)
                \(rows: changed.map { [$0.userID, $0.displayName, $0.avatarURL] })
                ON CONFLICT (user_id) DO UPDATE SET display_name = excluded.display_name, avatar_url = excluded.avatar_url
                """)
        }
    }

    private static func find(_ userIDs: [String], _ tx: Transaction) throws -> [String: Person] {
        let rows = try tx.rows(
            "SELECT user_id, display_name, avatar_url FROM roomserver_people WHERE user_id \(anyOf: userIDs)", as: String.self,
            String.self, String.self)
        return Dictionary(rows.map { ($0.0, Person(userID: $0.0, displayName: $0.1, avatarURL: $0.2)) }) { $1 }
    }

    /// So many who bear the rarest word are looked at, those called exactly so first.
    private static let reach = 2000

    /// Those who bear words that begin with all of these, as far as the user may know of them.
    static func search(_ words: [String], for userID: String, limit: Int, _ tx: Transaction) throws -> [SearchUsers.User] {
        guard let first = words.first else { return [] }
        var others: SQL = ""
        for word in words.dropFirst() {
            others = """
                \(sql: others) AND EXISTS (
                    SELECT 1 FROM roomserver_people_words o WHERE o.user_id = p.user_id AND \(sql: begins("o.word", with: word))
                    \(sql: oneByOne))
                """
        }
        return try tx.rows(
            """
            SELECT p.user_id, p.display_name, p.avatar_url FROM (
                SELECT w.user_id, MIN(w.word) AS word FROM (
                    SELECT user_id, word FROM roomserver_people_words c WHERE \(sql: begins("c.word", with: first))
                    ORDER BY word, user_id LIMIT \(Int64(reach))
                ) w GROUP BY w.user_id
            ) f JOIN roomserver_people p ON p.user_id = f.user_id
            WHERE (\(sql: isPublic) OR \(sql: shares(with: userID))) \(sql: others)
            ORDER BY f.word, CASE WHEN p.display_name = '' THEN 1 ELSE 0 END, p.user_id LIMIT \(Int64(limit))
            """, as: String.self, String.self, String.self
        ).map { user, name, avatar in
            SearchUsers.User(
                userID: user, displayName: name.isEmpty ? nil : name, avatarURL: avatar.isEmpty ? nil : avatar)
        }
    }

    /// Keeps PostgreSQL from looking at everybody beforehand.
    private static var oneByOne: SQL { "\(postgres: "OFFSET 0", sqlite: "")" }

    private static func begins(_ column: SQL, with word: String) -> SQL {
        "\(sql: column) >= \(word) AND \(sql: column) < \(word + "\u{10FFFF}")"
    }

    private static var isPublic: SQL {
        """
        EXISTS (
            SELECT 1 FROM roomserver_membership m JOIN roomserver_summaries s ON s.room_nid = m.room_nid
            WHERE m.user_id = p.user_id AND m.membership = 'join' AND (s.join_rule = 'public' OR s.world_readable)
            \(sql: oneByOne))
        """
    }

    private static func shares(with userID: String) -> SQL {
        """
        (p.user_id <> \(userID) AND EXISTS (
            SELECT 1 FROM roomserver_membership m
            JOIN roomserver_membership n ON n.room_nid = m.room_nid AND n.user_id = \(userID) AND n.membership = 'join'
            WHERE m.user_id = p.user_id AND m.membership = 'join' \(sql: oneByOne)))
        """
    }
}
