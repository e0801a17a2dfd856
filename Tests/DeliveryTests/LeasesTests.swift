import Delivery
import Logging
import SQL
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LeasesTests {
    /// Long enough never to expire by itself, and one that has expired at once.
    let leases = Leases(prefix: "test", duration: .seconds(60))
    let expired = Leases(prefix: "test", duration: .zero)

    private func open(_ kind: TestDatabase) async throws -> Database {
        let db = try await kind.open()
        try await db.migrate("test", leases.migrations)
        return db
    }

    @Test(arguments: TestDatabase.allCases)
    func oneHoldsAndTheOtherWaits(kind: TestDatabase) async throws {
        let db = try await open(kind)
        try await db.transaction { [leases] tx in
            let lease = try #require(try leases.acquire("projector", holder: "a", in: tx))
            #expect(try leases.acquire("projector", holder: "b", in: tx) == nil)
            #expect(try !leases.isFree("projector", in: tx))
            #expect(try leases.acquire("other", holder: "b", in: tx)?.epoch == 1)
            try leases.release(lease, in: tx)
            #expect(try leases.acquire("projector", holder: "b", in: tx)?.epoch == 2)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aLeaseIsFreeWhenTheClockIsSetBackBeyondIt(kind: TestDatabase) async throws {
        let db = try await open(kind)
        try await db.transaction { [leases] tx in
            let old = try #require(try leases.acquire("p", holder: "a", in: tx))
            // As it looks after the database's clock was set back by an hour.
            try tx.run("UPDATE test_leases SET expires_ts = expires_ts + 3600000")
            #expect(try leases.isFree("p", in: tx))
            #expect(try leases.acquire("p", holder: "b", in: tx)?.epoch == 2)
            #expect(throws: LeaseLost(name: "p")) { try leases.advance(old, in: tx) }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aFormerHolderIsRefusedAndWritesNothing(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let oldTaken = try await db.transaction { [expired] in try expired.acquire("p", holder: "a", in: $0) }
        let old = try #require(oldTaken)
        // Its own though expired, as long as nobody else has taken it.
        let result1 = try await db.transaction { [expired] in try expired.advance(old, by: 3, in: $0) }
        #expect(result1 == 3)
        let newTaken = try await db.transaction { [leases] in try leases.acquire("p", holder: "b", in: $0) }
        let new = try #require(newTaken)
        await #expect(throws: LeaseLost(name: "p")) {
            try await db.transaction { [leases] in try leases.advance(old, by: 1, in: $0) }
        }
        let result2 = try await db.transaction { [leases] in try leases.advance(new, by: 2, in: $0) }
        #expect(result2 == 5)
        let result3 = try await db.read { [leases] in try leases.position(of: "p", in: $0) }
        #expect(result3 == 5)
    }

    /// Several would-be writers take over from each other all the time; positions stay dense, and no epoch follows a later one.
    @Test(arguments: TestDatabase.allCases)
    func positionsAreDenseThroughEveryTakeover(kind: TestDatabase) async throws {
        let db = try await open(kind)
        try await db.transaction { try $0.run("CREATE TABLE t (position \(.integer) PRIMARY KEY, epoch \(.integer), holder \(.text))") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask { [expired] in
                    for _ in 0..<10 {
                        guard let lease = try await db.transaction({ try expired.acquire("p", holder: "\(writer)", in: $0) }) else { continue }
                        do {
                            for _ in 0..<5 {
                                try await db.transaction { tx in
                                    let last = try expired.advance(lease, by: 2, in: tx)
                                    for position in [last - 1, last] {
                                        try tx.run("INSERT INTO t VALUES (\(position), \(lease.epoch), \(lease.holder))")
                                    }
                                }
                            }
                        } catch is LeaseLost {}
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try await db.read {
            try $0.rows("SELECT position, epoch, holder FROM t ORDER BY position", as: Int64.self, Int64.self, String.self)
        }
        #expect(rows.map(\.0) == (0..<rows.count).map { Int64($0) + 1 })
        #expect(rows.map(\.1) == rows.map(\.1).sorted())
        let holders = Dictionary(grouping: rows, by: \.1).mapValues { Set($0.map(\.2)).count }
        #expect(holders.values.allSatisfy { $0 == 1 })
    }

    @Test(arguments: TestDatabase.allCases)
    func theNextHolderStartsWhenTheFirstStops(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let (started, continuation) = AsyncStream<String>.makeStream()
        let leases = Leases(prefix: "test", duration: .milliseconds(500))
        func holder(_ name: String) -> LeaseHolder {
            LeaseHolder(leases: leases, name: "p", holder: name, database: db, logger: Logger(label: "test")) { lease in
                continuation.yield(lease.holder)
                // Held until cancelled.
                for await _ in AsyncStream<Void>.makeStream().stream {}
                throw CancellationError()
            }
        }
        var iterator = started.makeAsyncIterator()
        let first = Task { try await holder("a").run() }
        #expect(await iterator.next() == "a")
        let second = Task { try await holder("b").run() }
        first.cancel()
        _ = await first.result
        #expect(await iterator.next() == "b")
        second.cancel()
        _ = await second.result
    }
}
