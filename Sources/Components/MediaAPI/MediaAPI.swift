import Logging
import ServiceLifecycle
import SQL
import Web

/// Keeps what users upload, and gives it out.
/// [Content repository](https://spec.matrix.org/v1.19/client-server-api/#content-repository)
public struct MediaAPI: Sendable {
    let config: MediaAPIConfig
    let database: Database
    let files: FileStore
    let logger: Logger

    public init(config: MediaAPIConfig, database: Database, logger: Logger) async throws {
        self.config = config
        self.database = database
        self.logger = logger
        files = try FileStore(folder: config.basePath)
        try await database.migrate("mediaapi", [Migration("0001 media") { [MediaTable.schema] }])
    }

    public var services: [any Service] { [UploadSweep(files: files, logger: logger)] }
}
