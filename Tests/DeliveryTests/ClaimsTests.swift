import Delivery
import Logging
import SQL
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ClaimsTests {
    let claims = Claims(prefix: "test")

    private func open(_ kind: TestDatabase) async throws -> Database {
        let db = try await kind.open()
        try await db.migrate("test", claims.migrations)
        return db
    }

    @Test(arguments: TestDatabase.allCases)
    func noPieceIsTakenTwice(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let pieces = (0..<60).map { "p\($0)" }
        try await db.transaction { [claims] tx in for piece in pieces { try claims.add(piece, in: tx) } }
        let taken = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 {
                group.addTask { [claims] in
                    var mine: [String] = []
                    var misses = 0
                    // Skipping what others have locked, a round may find nothing though there is something.
                    while misses < 5 {
                        let some = try await db.transaction { try claims.take(limit: 4, for: .seconds(60), in: $0) }
                        mine += some.map(\.piece)
                        misses = some.isEmpty ? misses + 1 : 0
                    }
                    return mine
                }
            }
            return try await group.reduce(into: [String]()) { $0 += $1 }
        }
        #expect(taken.sorted() == pieces.sorted())
    }

    @Test(arguments: TestDatabase.allCases)
    func anExpiredClaimIsAnothersAndTheFirstIsRefused(kind: TestDatabase) async throws {
        let db = try await open(kind)
        try await db.transaction { [claims] tx in
            try claims.add("p", in: tx)
            let old = try #require(try claims.take(limit: 1, for: .zero, in: tx).first)
            let new = try #require(try claims.take(limit: 1, for: .seconds(60), in: tx).first)
            #expect(throws: ClaimLost(piece: "p")) { try claims.renew(old, for: .seconds(60), in: tx) }
            #expect(throws: ClaimLost(piece: "p")) { try claims.complete(old, in: tx) }
            #expect(throws: ClaimLost(piece: "p")) { try claims.release(old, after: .zero, in: tx) }
            try claims.renew(new, for: .seconds(60), in: tx)
            try claims.complete(new, in: tx)
            #expect(try claims.take(limit: 1, for: .zero, in: tx).isEmpty)
            // Gone and come again, it is not the old one's either.
            try claims.add("p", in: tx)
            _ = try claims.take(limit: 1, for: .seconds(60), in: tx)
            #expect(throws: ClaimLost(piece: "p")) { try claims.complete(new, in: tx) }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsAddedDuringTheWorkIsNotForgotten(kind: TestDatabase) async throws {
        let db = try await open(kind)
        try await db.transaction { [claims] tx in
            try claims.add("p", in: tx)
            let claim = try #require(try claims.take(limit: 1, for: .seconds(60), in: tx).first)
            try claims.add("p", in: tx)
            #expect(try claims.take(limit: 1, for: .seconds(60), in: tx).isEmpty)
            try claims.complete(claim, in: tx)
            let again = try #require(try claims.take(limit: 1, for: .seconds(60), in: tx).first)
            try claims.release(again, after: .seconds(60), failed: true, in: tx)
            #expect(try claims.take(limit: 1, for: .seconds(60), in: tx).isEmpty)
            // Sooner than the pause: what is added is due.
            try claims.add("p", in: tx)
            #expect(try claims.take(limit: 1, for: .seconds(60), in: tx).first?.failures == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aTableOfTheComponentsServes(kind: TestDatabase) async throws {
        let db = try await kind.open()
        let claims = Claims(table: "destinations", key: "server_name")
        try await db.migrate("test", [
            Migration("0001") {
                ["CREATE TABLE destinations (server_name \(.text) NOT NULL PRIMARY KEY, note \(.text), \(sql: Claims.columns))"]
            }
        ] + claims.migrations)
        try await db.transaction { tx in
            try tx.run("INSERT INTO destinations (server_name, note) VALUES (\("a.example"), \("kept"))")
            #expect(try claims.take(limit: 9, for: .seconds(60), in: tx).isEmpty)
            try claims.add("a.example", in: tx)
            let claim = try #require(try claims.take(limit: 9, for: .seconds(60), in: tx).first)
            try claims.complete(claim, in: tx)
            #expect(try claims.take(limit: 9, for: .seconds(60), in: tx).isEmpty)
            #expect(try tx.row("SELECT note FROM destinations", as: String.self) == "kept")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func workersShareTheWorkAndTryAgainWhatFails(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let pieces = (0..<20).map { "p\($0)" }
        try await db.transaction { [claims] tx in for piece in pieces { try claims.add(piece, in: tx) } }
        var options = ClaimWorker.Options()
        options.pollInterval = .milliseconds(20)
        options.firstPause = .milliseconds(10)
        let (done, continuation) = AsyncStream<String>.makeStream()
        let workers = (0..<3).map { _ in
            ClaimWorker(claims: claims, database: db, options: options, logger: Logger(label: "test")) { claim in
                if claim.failures < 2, claim.piece.hasSuffix("3") { throw TestFailure("not yet") }
                continuation.yield(claim.piece)
                return .done
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { try await worker.run() } }
            var seen: [String] = []
            for await piece in done {
                seen.append(piece)
                if seen.count == pieces.count { break }
            }
            #expect(seen.sorted() == pieces.sorted())
            while try await db.read({ try $0.row("SELECT COUNT(*) FROM test_claims", as: Int.self) }) != 0 { await Task.yield() }
            group.cancelAll()
        }
    }

    /// What is added while a claim is being completed, and is committed only once that waits for it, is still to be done.
    @Test(arguments: [false, true]) func whatIsAddedAtTheLastMomentIsNotLost(failed: Bool) async throws {
        let db = try await open(.postgres)
        let claim = try await db.transaction { [claims] tx in
            try claims.add("p", in: tx)
            return try #require(try claims.take(limit: 1, for: .seconds(60), in: tx).first)
        }
        let added = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [claims] in
                try await db.transaction { tx in
                    try claims.add("p", in: tx)
                    added.continuation.yield()
                    while try tx.row("SELECT count(*) FROM pg_locks WHERE NOT granted", as: Int64.self) == 0 {}
                }
            }
            for await _ in added.stream { break }
            try await db.transaction { [claims] tx in
                if failed { try claims.release(claim, after: .seconds(60), failed: true, in: tx) } else { try claims.complete(claim, in: tx) }
            }
            try await group.waitForAll()
        }
        let again = try await db.transaction { [claims] in try claims.take(limit: 1, for: .seconds(60), in: $0) }
        #expect(again.map(\.piece) == ["p"])
    }
}
