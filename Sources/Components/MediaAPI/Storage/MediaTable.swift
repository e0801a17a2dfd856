import SQL

/// One upload.
struct Media: Sendable {
    var mediaID: String
    var userID: String
    var contentType: String
    var fileName: String?
    var size: Int64
    /// SHA-256 of the content, in hexadecimal: where its file is.
    var hash: String
}

/// What was uploaded; the contents are files.
struct MediaTable {
    static let schema: SQL = """
        CREATE TABLE mediaapi_media (
            media_id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            content_type TEXT NOT NULL,
            file_name TEXT,
            size \(.integer) NOT NULL,
            hash TEXT NOT NULL,
            created_ts \(.integer) NOT NULL
        )
        """

    static func insert(_ media: Media, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO mediaapi_media (media_id, user_id, content_type, file_name, size, hash, created_ts)
            VALUES (\(media.mediaID), \(media.userID), \(media.contentType), \(media.fileName), \(media.size), \(media.hash),
                \(try tx.now))
            """)
    }

    static func media(_ mediaID: String, in tx: Transaction) throws -> Media? {
        try tx.rows("""
            SELECT media_id, user_id, content_type, file_name, size, hash FROM mediaapi_media WHERE media_id = \(mediaID)
            """, as: String.self, String.self, String.self, String?.self, Int64.self, String.self
        ).map { Media(mediaID: $0, userID: $1, contentType: $2, fileName: $3, size: $4, hash: $5) }.first
    }
}
