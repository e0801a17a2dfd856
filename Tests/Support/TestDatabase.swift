import SQL

/// The databases that a storage test runs on: `@Test(arguments: TestDatabase.allCases)`.
public enum TestDatabase: String, CaseIterable, Sendable, CustomStringConvertible {
    case sqlite, postgres

    public var description: String { rawValue }

    /// The connection string of a new, empty database.
    public func connectionString() async throws -> String {
        switch self {
        case .sqlite: "file:\(TestFolder.fresh(".db"))"
        case .postgres: try await TestPostgres.freshDatabase()
        }
    }

    /// A new, empty database.
    public func open(maxOpenConnections: Int = 4) async throws -> Database {
        try await Database.open(
            connectionString(), options: DatabaseOptions(name: "tests", maxOpenConnections: maxOpenConnections))
    }

    /// Runs a test on a new, empty database.
    public func with<T>(_ body: (Database) async throws -> T) async throws -> T {
        let database = try await open()
        let result = try await body(database)
        await database.close()
        return result
    }
}

/// One test on both databases, one after the other.
public enum TestDatabases {
    public static func each(_ body: (Database) async throws -> Void) async throws {
        for kind in TestDatabase.allCases { try await kind.with(body) }
    }
}
