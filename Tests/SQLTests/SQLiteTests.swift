import Foundation
import SQL
import TestSupport
import Testing

@Suite struct SQLiteTests {
    @Test func aFileInUseIsRefusedToOthers() async throws {
        let path = TestFolder.fresh(".db")
        let db = try await Database.open("file:\(path)")
        await #expect(throws: DatabaseError.misconfigured("the database file “\(path)” is in use by another process or component")) {
            try await Database.open("file:\(path)")
        }
        // Another process, by the same lock.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        process.arguments = ["-n", path + ".lock", "true"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        try await db.read { try $0.run("SELECT 1") }
    }

    @Test func aFileIsFreeAgainWhenItsDatabaseIsGone() async throws {
        let path = TestFolder.fresh(".db")
        for round in 0..<3 {
            let db = try await Database.open("file:\(path)")
            try await db.transaction { try $0.run("CREATE TABLE t\(name: "\(round)") (a \(.integer))") }
            await db.close()
        }
    }

    @Test func commitsReachTheDisk() async throws {
        let db = try await TestDatabase.sqlite.open()
        let (synchronous, foreignKeys) = try await db.transaction { tx in
            try (tx.row("PRAGMA synchronous", as: Int.self), tx.row("PRAGMA foreign_keys", as: Int.self))
        }
        #expect(synchronous == 2 && foreignKeys == 1)
        #expect(try await db.read { try $0.row("PRAGMA journal_mode", as: String.self) } == "wal")
    }

    /// Writes that are committed together succeed and fail each on its own.
    @Test func oneOfManyWritesAtOnceFailsAlone() async throws {
        let db = try await TestDatabase.sqlite.open()
        try await db.transaction { try $0.run("CREATE TABLE t (a \(.integer) PRIMARY KEY)") }
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await db.transaction { tx in
                            try tx.run("INSERT INTO t VALUES (\(number))")
                            if number % 3 == 1 { try tx.run("INSERT INTO t VALUES (\(number))") }
                            if number % 3 == 2 { throw TestFailure("changed my mind") }
                        }
                        return true
                    } catch DatabaseError.uniqueViolation {
                        #expect(number % 3 == 1)
                    } catch is TestFailure {
                        #expect(number % 3 == 2)
                    }
                    return false
                }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 }.count == 67)
        let kept = try await db.read { try $0.rows("SELECT a FROM t ORDER BY a", as: Int.self) }
        #expect(kept == (0..<200).filter { $0 % 3 == 0 })
    }

    @Test func aFolderThatIsNotThereIsNamed() async throws {
        await #expect(throws: DatabaseError.self) { try await Database.open("file:/nowhere/at/all/x.db") }
    }
}
