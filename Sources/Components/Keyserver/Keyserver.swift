import Logging
import SQL

/// Keeps the keys of devices and users. It has its database; its tables come with encryption.
public struct Keyserver: Sendable {
    let database: Database
    let logger: Logger

    public init(database: Database, logger: Logger) async throws {
        self.database = database
        self.logger = logger
        try await database.migrate("keyserver", [])
    }
}
