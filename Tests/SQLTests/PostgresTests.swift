import Foundation
import Logging
import SQL
import Synchronization
import TestSupport
import Testing

/// What only PostgreSQL does to us.
@Suite(.timeLimit(.minutes(2))) struct PostgresTests {
    private func open(_ uri: String, connections: Int = 2, _ change: (inout DatabaseOptions) -> Void = { _ in }) async throws -> Database {
        var options = DatabaseOptions(name: "tests", maxOpenConnections: connections)
        change(&options)
        return try await Database.open(uri, options: options)
    }

    /// Returns when the blocking closure does, without blocking a task's thread.
    private func off(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { body(); continuation.resume() }
        }
    }

    @Test func deadlocksAreTriedAgain() async throws {
        let db = try await open(TestPostgres.freshDatabase())
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (id \(.integer) PRIMARY KEY, n \(.integer) NOT NULL)")
            try tx.run("INSERT INTO t VALUES (1, 0), (2, 0)")
        }
        // Both have their first lock before either asks for its second.
        let firstLocks = DispatchSemaphore(value: 0), go = DispatchSemaphore(value: 0)
        let attempts = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (first, second) in [(1, 2), (2, 1)] {
                group.addTask {
                    let runs = Shared(0)
                    try await db.transaction { tx in
                        _ = attempts.increment()
                        try tx.run("UPDATE t SET n = n + 1 WHERE id = \(first)")
                        if runs.increment() == 1 {
                            firstLocks.signal()
                            go.wait()
                        }
                        try tx.run("UPDATE t SET n = n + 1 WHERE id = \(second)")
                    }
                }
            }
            await off { firstLocks.wait(); firstLocks.wait(); go.signal(); go.signal() }
            try await group.waitForAll()
        }
        #expect(attempts.value == 3)
        #expect(try await db.read { try $0.rows("SELECT n FROM t", as: Int.self) } == [2, 2])
    }

    @Test func aConnectionLostBeforeTheCommitIsReplaced() async throws {
        let uri = try await TestPostgres.freshDatabase()
        let db = try await open(uri), other = try await open(uri)
        try await db.transaction { try $0.run("CREATE TABLE t (a \(.integer))") }
        let inside = DispatchSemaphore(value: 0), killed = DispatchSemaphore(value: 0)
        let runs = Shared(0), pid = Shared(0)
        async let done: Void = db.transaction { tx in
            try tx.run("INSERT INTO t VALUES (\(1))")
            if runs.increment() == 1 {
                pid.value = try tx.row("SELECT pg_backend_pid()", as: Int.self) ?? 0
                inside.signal()
                killed.wait()
            }
            try tx.run("INSERT INTO t VALUES (\(2))")
        }
        await off { inside.wait() }
        let victim = pid.value
        try await other.transaction { try $0.run("SELECT pg_terminate_backend(CAST(\(victim) AS INT))") }
        killed.signal()
        try await done
        #expect(runs.value == 2)
        #expect(try await db.read { try $0.rows("SELECT a FROM t ORDER BY a", as: Int.self) } == [1, 2])
    }

    @Test func whoWaitsForAConnectionCanGiveUpAndFewMayWait() async throws {
        let db = try await open(TestPostgres.freshDatabase(), connections: 1) {
            $0.maxWaiting = 1
            $0.waitLimit = .seconds(60)
        }
        let inside = DispatchSemaphore(value: 0), go = DispatchSemaphore(value: 0)
        async let holder: Void = db.transaction { _ in
            inside.signal()
            go.wait()
        }
        await off { inside.wait() }
        let waiting = Task { try await db.transaction { _ in } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        // Of two, one may wait.
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do {
                        try await db.transaction { _ in }
                        return true
                    } catch let error as DatabaseUnavailable {
                        #expect(error.reason == "too many transactions are waiting")
                        return false
                    }
                }
            }
            let refused = try await group.next()
            #expect(refused == false)
            go.signal()
            let letIn = try await group.next()
            #expect(letIn == true)
        }
        try await holder
    }

    @Test func waitingForAConnectionEnds() async throws {
        let db = try await open(TestPostgres.freshDatabase(), connections: 1) { $0.waitLimit = .milliseconds(100) }
        let inside = DispatchSemaphore(value: 0), go = DispatchSemaphore(value: 0)
        async let holder: Void = db.transaction { _ in
            inside.signal()
            go.wait()
        }
        await off { inside.wait() }
        await #expect(throws: DatabaseUnavailable.self) { try await db.transaction { _ in } }
        go.signal()
        try await holder
        try await db.transaction { try $0.run("SELECT 1") }
    }

    @Test func aLockThatIsNotGivenIsUnavailability() async throws {
        let uri = try await TestPostgres.freshDatabase()
        let db = try await open(uri), other = try await open(uri) { $0.lockTimeout = .milliseconds(50) }
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (a \(.integer))")
            try tx.run("INSERT INTO t VALUES (1)")
        }
        let inside = DispatchSemaphore(value: 0), go = DispatchSemaphore(value: 0)
        async let holder: Void = db.transaction { tx in
            try tx.run("UPDATE t SET a = 2")
            inside.signal()
            go.wait()
        }
        await off { inside.wait() }
        await #expect(throws: DatabaseUnavailable.self) { try await other.transaction { try $0.run("UPDATE t SET a = 3") } }
        go.signal()
        try await holder
    }

    @Test func aServerThatWasAwayIsUsedAgain() async throws {
        let server = TestPostgres()
        let uri = try await server.freshDatabase()
        let db = try await open(uri) { $0.waitLimit = .milliseconds(300) }
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (a \(.integer))")
            try tx.run("INSERT INTO t VALUES (1)")
        }
        try await server.kill()
        let started = ContinuousClock.now
        await #expect(throws: DatabaseUnavailable.self) { try await db.read { try $0.rows("SELECT a FROM t", as: Int.self) } }
        await #expect(throws: DatabaseUnavailable.self) { try await db.transaction { try $0.run("INSERT INTO t VALUES (2)") } }
        #expect(started.duration(to: .now) < .seconds(10))
        // Opening waits for it, and so do migrations.
        async let late = open(uri)
        server.start()
        let opened = try await late
        #expect(try await opened.read { try $0.rows("SELECT a FROM t", as: Int.self) } == [1])
        try await db.migrate("test", [])
        #expect(try await db.read { try $0.rows("SELECT a FROM t", as: Int.self) } == [1])
        try await server.kill()
    }

    @Test func aQueryIsOneStatement() async throws {
        let db = try await open(TestPostgres.freshDatabase())
        try await db.transaction { try $0.run("CREATE TABLE t (a \(.integer))") }
        try await db.transaction { try $0.run("INSERT INTO t VALUES (\(7))") }
        #expect(try await db.query { try $0.row("SELECT a FROM t", as: Int.self) } == 7)
        #expect(try await db.query { try $0.ahead("SELECT a FROM t").rows(as: Int.self) } == [7])
        await #expect(throws: DatabaseError.self) {
            try await db.query { tx in
                _ = try tx.row("SELECT a FROM t", as: Int.self)
                return try tx.row("SELECT a FROM t", as: Int.self)
            }
        }
        await #expect(throws: DatabaseError.self) { try await db.query { try $0.run("SELECT nothing FROM t") } }
        #expect(try await db.query { try $0.row("SELECT a FROM t", as: Int.self) } == 7)
    }

    @Test func moreStatementsThanAreKeptArePrepared() async throws {
        let db = try await open(TestPostgres.freshDatabase(), connections: 1)
        for _ in 0..<2 {
            let sum = try await db.read { tx in
                try (0..<400).reduce(0) { try $0 + (tx.row("SELECT \(name: "\($1)")", as: Int.self) ?? 0) }
            }
            #expect(sum == 400 * 399 / 2)
        }
    }

    @Test func aPlanThatBecameInvalidIsMadeAgain() async throws {
        let uri = try await TestPostgres.freshDatabase()
        let db = try await open(uri, connections: 1), other = try await open(uri)
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (a \(.integer))")
            try tx.run("INSERT INTO t VALUES (1)")
        }
        for _ in 0..<3 { _ = try await db.read { try $0.rows("SELECT * FROM t", as: Int.self) } }
        try await other.transaction { try $0.run("ALTER TABLE t ADD COLUMN b \(.text)") }
        #expect(try await db.read { try $0.rows("SELECT * FROM t", as: Int.self) } == [1])
    }

    @Test(arguments: [
        ("12345678901234", SQLValue.integer(12_345_678_901_234)), ("-70000", .integer(-70_000)), ("0", .integer(0)),
        ("10000", .integer(10_000)), ("9223372036854775807", .integer(.max)), ("2.5", .double(2.5)), ("-0.0625", .double(-0.0625)),
    ])
    func numericsAreRead(text: String, value: SQLValue) async throws {
        let db = try await open(TestPostgres.shared.uri(), connections: 1)
        let read = try await db.read { try $0.row("SELECT CAST(CAST(\(text) AS TEXT) AS NUMERIC)", as: Anything.self) }
        #expect(read?.value == value)
    }

    @Test func connectionsHaveTheirLimits() async throws {
        let db = try await open(TestPostgres.freshDatabase())
        let settings = try await db.transaction { tx in
            try ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name"].map {
                try tx.row("SELECT current_setting(\($0))", as: String.self)
            }
        }
        #expect(settings == ["5s", "30s", "10s", "tests"])
    }
}

/// A number that closures count with.
private final class Shared: Sendable {
    private let state: Mutex<Int>
    init(_ value: Int) { state = Mutex(value) }
    var value: Int {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
    func increment() -> Int { state.withLock { $0 += 1; return $0 } }
}

/// A column as it came.
private struct Anything: SQLReadable {
    var value: SQLValue
    init?(_ value: SQLValue) { self.value = value }
}
