import Logging
import Synchronization
import TestSupport
import Testing

@testable import SQL

/// What is said and done while a database cannot do what it is asked.
@Suite(.timeLimit(.minutes(2))) struct OutageTests {
    @Test func anOutageIsSaidOnceAndItsEndToo() async throws {
        let lines = Lines()
        let outage = Outage(database: "test", logger: lines.logger)
        func fails(_ reason: String = "disk full") async {
            _ = try? await outage.watching(.write) { throw DatabaseUnavailable(reason: reason) }
        }
        for _ in 0..<10 { await fails() }
        try await outage.watching(.read) {}
        #expect(lines.all == ["error the database cannot be written"])
        try await outage.watching(.write) {}
        try await outage.watching(.write) {}
        #expect(lines.all == ["error the database cannot be written", "notice the database can be written again"])
        // One that comes and goes is not said each time.
        for _ in 0..<10 {
            await fails()
            try await outage.watching(.write) {}
        }
        #expect(lines.all.count == 2)
        // Other reasons are, a few a minute.
        for number in 0..<10 { await fails("\(number % 7)") }
        #expect(lines.all.count == 6)
    }

    @Test func aConnectionThatBreaksInACommitIsNoOutage() async throws {
        let lines = Lines()
        let outage = Outage(database: "test", logger: lines.logger)
        await #expect(throws: DatabaseUnavailable.self) {
            try await outage.watching(.write) { throw DatabaseUnavailable(reason: "closed", outcomeUnknown: true) }
        }
        try await outage.watching(.write) {}
        #expect(lines.all == ["warning a commit was broken off"])
    }

    @Test func aDatabaseThatIsMadeReadOnlyIsReadAndIsWrittenAgainAfterwards() async throws {
        let uri = try await TestPostgres.freshDatabase()
        let name = try #require(uri.split(separator: "?").first?.split(separator: "/").last)
        let operatorsOwn = try await Database.open(uri)
        try await operatorsOwn.transaction { try $0.run("CREATE TABLE a (n BIGINT)") }
        try await TestPostgres.shared.administer("ALTER DATABASE \(name) SET default_transaction_read_only = on")
        let db = try await Database.open(uri)
        await #expect(throws: DatabaseUnavailable.self) { try await db.transaction { try $0.run("INSERT INTO a VALUES (1)") } }
        #expect(try await db.read { try $0.rows("SELECT n FROM a", as: Int.self) } == [])
        try await TestPostgres.shared.administer("ALTER DATABASE \(name) RESET default_transaction_read_only")
        // The connection that was refused is replaced; not more often than once a second.
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                try await db.transaction { try $0.run("INSERT INTO a VALUES (1)") }
                break
            } catch let error as DatabaseUnavailable {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(try await db.read { try $0.rows("SELECT n FROM a", as: Int.self) } == [1])
    }

    @Test func aPoolGoesOnWithTheConnectionsThatItHas() async throws {
        let uri = try await TestPostgres.freshDatabase()
        let administrator = try await Database.open(uri)
        let role = "limited\(UInt32.random(in: 0 ... .max))"
        try await administrator.transaction { try $0.run("CREATE ROLE \(name: role) LOGIN CONNECTION LIMIT 1") }
        let limited = uri.replacing("postgres@", with: "\(role)@")
        let db = try await Database.open(limited, options: DatabaseOptions(name: "limited", maxOpenConnections: 5))
        try await withThrowingTaskGroup(of: Int?.self) { group async throws in
            for number in 0..<40 { group.addTask { try await db.read { try $0.row("SELECT \(number)", as: Int.self) } } }
            #expect(try await group.reduce(into: 0) { $0 += $1 ?? 0 } == 780)
        }
        // Whoever has none waits for one.
        async let other = Database.open(limited)
        try await administrator.transaction { try $0.run("ALTER ROLE \(name: role) CONNECTION LIMIT 10") }
        try await other.read { try $0.run("SELECT 1") }
    }

    @Test func aFullDiskOfSQLiteRefusesAndTakesAgainLater() async throws {
        let db = try await TestDatabase.sqlite.open()
        try await db.transaction { tx in
            try tx.run("CREATE TABLE a (content BLOB)")
            _ = try tx.row("PRAGMA max_page_count = 20", as: Int.self)
        }
        let content = [UInt8](repeating: 1, count: 200_000)
        await #expect(throws: DatabaseUnavailable.self) {
            try await db.transaction { try $0.run("INSERT INTO a VALUES (\(content))") }
        }
        #expect(try await db.read { try $0.row("SELECT COUNT(*) FROM a", as: Int.self) } == 0)
        try await db.transaction { _ = try $0.row("PRAGMA max_page_count = 20000", as: Int.self) }
        try await db.transaction { try $0.run("INSERT INTO a VALUES (\(content))") }
        #expect(try await db.read { try $0.row("SELECT COUNT(*) FROM a", as: Int.self) } == 1)
    }

    @Test func aHostWhoseNameIsUnknownIsWaitedFor() async throws {
        let opening = Task { try await Database.open("postgresql://nobody.invalid/x") }
        opening.cancel()
        await #expect(throws: CancellationError.self) { _ = try await opening.value }
    }
}

/// What was logged: levels and messages.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.lines.withLock { $0.append("\(event.level) \(event.message)") } }
    }
}
