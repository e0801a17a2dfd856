import SQL
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct MigrationTests {
    private let first = Migration("0001 a") { ["CREATE TABLE a (n \(.integer))", "INSERT INTO a VALUES (1)"] }
    private let second = Migration("0002 b") { ["ALTER TABLE a ADD COLUMN m \(.integer)"] }

    @Test(arguments: TestDatabase.allCases)
    func replicasThatStartTogetherApplyEachOnce(kind: TestDatabase) async throws {
        let uri = try await kind.connectionString()
        let one = try await Database.open(uri)
        let two = kind == .postgres ? try await Database.open(uri) : one
        try await withThrowingTaskGroup(of: Void.self) { group in
            for db in [one, two, one, two] {
                group.addTask { try await db.migrate("test", [first, second]) }
            }
            try await group.waitForAll()
        }
        #expect(try await one.read { try $0.rows("SELECT n FROM a WHERE m IS NULL", as: Int.self) } == [1])
    }

    @Test(arguments: TestDatabase.allCases)
    func anOlderReleaseRunsBesideANewerUnlessItIsToldNotTo(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.migrate("test", [first, second])
        try await db.migrate("test", [first])
        try await db.migrate("test", [first, second, Migration("0003 c", breaksOlderReleases: true) { ["DROP TABLE a"] }])
        await #expect(throws: DatabaseError.schemaTooNew(component: "test", migration: "0003 c")) {
            try await db.migrate("test", [first, second])
        }
        // Another component's are its own.
        try await db.migrate("other", [first])
    }

    @Test(arguments: TestDatabase.allCases)
    func aFailedMigrationLeavesNothing(kind: TestDatabase) async throws {
        let db = try await kind.open()
        await #expect(throws: DatabaseError.self) {
            try await db.migrate("test", [Migration("0001") { ["CREATE TABLE a (n \(.integer))", "nonsense"] }])
        }
        try await db.migrate("test", [first])
        #expect(try await db.read { try $0.rows("SELECT n FROM a", as: Int.self) } == [1])
    }
}
