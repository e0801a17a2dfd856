/// A change of a component's schema. Once released it is never edited; another is added.
public struct Migration: Sendable {
    public let name: String
    /// A release that does not know this migration must not use the schema any more. Others only add, and do not say so.
    public let breaksOlderReleases: Bool
    let statements: @Sendable () -> [SQL]

    public init(_ name: String, breaksOlderReleases: Bool = false, _ statements: @escaping @Sendable () -> [SQL]) {
        self.name = name
        self.breaksOlderReleases = breaksOlderReleases
        self.statements = statements
    }
}

extension Database {
    /// Brings a component's tables up to date, each migration in a transaction of its own, under a lock: any number of
    /// replicas may do so at once. What has been applied is kept in `<component>_migrations`.
    public func migrate(_ component: String, _ migrations: [Migration]) async throws {
        precondition(Set(migrations.map(\.name)).count == migrations.count, "two migrations of \(component) have one name")
        try await waitingForDatabase { database in
            try await database.transaction { tx in
                var tx = tx
                tx.caches = false
                try tx.lockMigrations(of: component)
                try tx.run("""
                    CREATE TABLE IF NOT EXISTS \(name: component + "_migrations") (
                        name \(.text) NOT NULL PRIMARY KEY,
                        breaks_older_releases \(.boolean) NOT NULL,
                        applied_ts \(.integer) NOT NULL
                    )
                    """)
                try tx.refuseUnknownMigrations(of: component, known: Set(migrations.map(\.name)))
            }
            for migration in migrations {
                try await database.transaction { tx in
                    var tx = tx
                    tx.caches = false
                    try tx.lockMigrations(of: component)
                    try tx.apply(migration, of: component)
                }
            }
        }
    }
}

extension Transaction {
    /// SQLite's transaction is a lock already. On PostgreSQL one that ends with the transaction, and is waited for as long as
    /// it takes.
    fileprivate func lockMigrations(of component: String) throws {
        guard dialect == .postgres else { return }
        try run("SET LOCAL lock_timeout = 0")
        try run("SET LOCAL statement_timeout = 0")
        try run("SELECT pg_advisory_xact_lock(hashtextextended(\("migrations of \(component)"), 0))")
    }

    fileprivate func refuseUnknownMigrations(of component: String, known: Set<String>) throws {
        let applied = try rows(
            "SELECT name, breaks_older_releases FROM \(name: component + "_migrations")", as: String.self, Bool.self)
        if let (name, _) = applied.first(where: { $1 && !known.contains($0) }) {
            throw DatabaseError.schemaTooNew(component: component, migration: name)
        }
    }

    fileprivate func apply(_ migration: Migration, of component: String) throws {
        let table = component + "_migrations"
        guard try row("SELECT 1 FROM \(name: table) WHERE name = \(migration.name)", as: Int.self) == nil else { return }
        for statement in migration.statements() { try run(statement) }
        try run("""
            INSERT INTO \(name: table) (name, breaks_older_releases, applied_ts)
            VALUES (\(migration.name), \(migration.breaksOlderReleases), \(try now))
            """)
    }
}
