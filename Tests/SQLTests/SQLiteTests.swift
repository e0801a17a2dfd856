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

    @Test func aFolderThatIsNotThereIsNamed() async throws {
        await #expect(throws: DatabaseError.self) { try await Database.open("file:/nowhere/at/all/x.db") }
    }
}
