import Logging
import SQL
import Web

/// Keeps what users upload, and gives it out.
/// [Content repository](https://spec.matrix.org/v1.19/client-server-api/#content-repository)
public struct MediaAPI: Sendable {
    let config: MediaAPIConfig
    let database: Database
    let files: FileStore

    public init(config: MediaAPIConfig, database: Database, logger: Logger) async throws {
        self.config = config
        self.database = database
        files = try FileStore(folder: config.basePath)
        try await database.migrate("mediaapi", [Migration("0001 media") { [MediaTable.schema] }])
    }
}
