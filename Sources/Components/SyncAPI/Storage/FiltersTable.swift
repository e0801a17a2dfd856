import Crypto
import SQL

/// Filters that users have stored.
struct FiltersTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_filters (
            filter_id \(.identity),
            user_id \(.text) NOT NULL,
            content_hash \(.bytes) NOT NULL,
            content \(.bytes) NOT NULL,
            UNIQUE (user_id, content_hash)
        )
        """

    /// Stores a filter; the same filter of the same user keeps its ID.
    static func insert(_ content: [UInt8], of userID: String, in tx: Transaction) throws -> Int64? {
        try tx.row("""
            INSERT INTO syncapi_filters (user_id, content_hash, content)
            VALUES (\(userID), \(Array(SHA256.hash(data: content))), \(content))
            ON CONFLICT (user_id, content_hash) DO UPDATE SET content = excluded.content
            RETURNING filter_id
            """, as: Int64.self)
    }

    /// The ID of a filter that is stored already.
    static func id(of content: [UInt8], of userID: String, in tx: Transaction) throws -> Int64? {
        try tx.row("""
            SELECT filter_id FROM syncapi_filters
            WHERE user_id = \(userID) AND content_hash = \(Array(SHA256.hash(data: content)))
            """, as: Int64.self)
    }

    /// Whether a user has so many, or more.
    static func hasFilters(_ count: Int, of userID: String, in tx: Transaction) throws -> Bool {
        try tx.row("SELECT 1 FROM syncapi_filters WHERE user_id = \(userID) LIMIT 1 OFFSET \(count - 1)", as: Int.self) != nil
    }

    static func filter(_ filterID: Int64, of userID: String, in tx: Transaction) throws -> [UInt8]? {
        try tx.row("""
            SELECT content FROM syncapi_filters WHERE filter_id = \(filterID) AND user_id = \(userID)
            """, as: [UInt8].self)
    }
}
