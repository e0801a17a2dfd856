import Matrix
import SQL

/// The words of messages, names and topics: in PostgreSQL as a `tsvector`, in SQLite as a table of FTS5.
struct SearchTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_search (
            position \(.integer) PRIMARY KEY,
            room_id \(.text) NOT NULL,
            key \(.text) NOT NULL\(postgres: ", words tsvector NOT NULL", sqlite: "")
        )
        """
    static let wordsIndex: SQL = """
        \(postgres: "CREATE INDEX syncapi_search_words ON syncapi_search USING gin (words)",
          sqlite: "CREATE VIRTUAL TABLE syncapi_search_words USING fts5 (words, tokenize = 'unicode61 remove_diacritics 0')")
        """

    /// What can be found of an event.
    struct Row: Sendable {
        var position: Int64
        var roomID: String
        var key: SearchRequest.Key
        var words: [String]

        init?(_ event: Event, room roomID: String, position: Int64) {
            let key: SearchRequest.Key
            switch event.type {
            case "m.room.message": key = .body
            case "m.room.name": key = .name
            case "m.room.topic": key = .topic
            default: return nil
            }
            guard let text = event.content[String(key.rawValue.dropFirst("content.".count))]?.string else { return nil }
            words = SearchWords.of(text)
            if words.isEmpty { return nil }
            self.position = position
            self.roomID = roomID
            self.key = key
        }
    }

    static func insert(_ rows: [Row], in tx: Transaction) throws {
        for page in rows.pages(of: 500) {
            let values = page.map { [$0.position, $0.roomID, $0.key.rawValue, $0.words.joined(separator: " ")] as [any SQLBindable] }
            try tx.later("""
                INSERT INTO syncapi_search (position, room_id, key\(postgres: ", words", sqlite: ""))
                SELECT column1, column2, column3\(postgres: ", to_tsvector('simple', column4)", sqlite: "")
                FROM (\(rows: values)) v
                """)
            guard tx.dialect == .sqlite else { continue }
            try tx.later("""
                INSERT INTO syncapi_search_words (rowid, words) SELECT column1, column4 FROM (\(rows: values)) v
                """)
        }
    }

    /// Those of some positions that have a row.
    static func known(among positions: [Int64], in tx: Transaction) throws -> Set<Int64> {
        if positions.isEmpty { return [] }
        return Set(try tx.rows("SELECT position FROM syncapi_search WHERE position \(anyOf: positions)", as: Int64.self))
    }

    static func remove(_ position: Int64, in tx: Transaction) throws {
        try tx.later("DELETE FROM syncapi_search WHERE position = \(position)")
        if tx.dialect == .sqlite { try tx.later("DELETE FROM syncapi_search_words WHERE rowid = \(position)") }
    }

    /// What is looked for, and where.
    struct Question: Sendable {
        var words: [String]
        var roomIDs: [String]
        var keys: [SearchRequest.Key]
        /// Found are events at this position or below.
        var high: Int64
        var order: SearchRequest.Order
    }

    struct Found: Sendable {
        var position: Int64
        var rank: Double
    }

    /// The first of those that have all the words, from an offset on.
    static func find(_ question: Question, after offset: Int64 = 0, limit: Int, in tx: Transaction) throws -> [Found] {
        let order: SQL = question.order == .rank ? "rank DESC, s.position DESC" : "s.position DESC"
        return try tx.rows("""
            SELECT s.position,
                \(postgres: "CAST(ts_rank_cd(s.words, q.query) AS double precision)", sqlite: "-w.rank") AS rank
            FROM \(sql: matches(question, in: tx)) ORDER BY \(sql: order) LIMIT \(Int64(limit)) OFFSET \(offset)
            """, as: Int64.self, Double.self
        ).map { Found(position: $0, rank: $1) }
    }

    /// How many there are, up to a bound.
    static func count(_ question: Question, upTo most: Int64, in tx: Transaction) throws -> Int64 {
        try tx.row("""
            SELECT COUNT(*) FROM (SELECT s.position FROM \(sql: matches(question, in: tx)) LIMIT \(most)) m
            """, as: Int64.self) ?? 0
    }

    private static func matches(_ question: Question, in tx: Transaction) -> SQL {
        // Words are letters and digits only, so that neither takes any for an operator.
        let query = tx.dialect == .postgres
            ? question.words.joined(separator: " ") : question.words.map { "\"\($0)\"" }.joined(separator: " ")
        return """
            (SELECT \(postgres: "plainto_tsquery('simple', ", sqlite: "(")\(query)) AS query) q CROSS JOIN
                \(postgres: "syncapi_search s",
                  sqlite: "syncapi_search_words w CROSS JOIN syncapi_search s ON s.position = w.rowid")
            WHERE \(postgres: "s.words @@ q.query", sqlite: "w.syncapi_search_words MATCH q.query")
                AND s.room_id \(anyOf: question.roomIDs) AND s.key \(anyOf: question.keys.map(\.rawValue))
                AND s.position <= \(question.high)
            """
    }
}
