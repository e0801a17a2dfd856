import Delivery
import SQL
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct CursorsTests {
    let cursors = Cursors(prefix: "test")
    let key = OutboxKey(topic: "T", key: "!a b\n*.>")

    private func open(_ kind: TestDatabase) async throws -> Database {
        let db = try await kind.open()
        try await db.migrate("test", cursors.migrations)
        return db
    }

    @Test(arguments: TestDatabase.allCases)
    func theNextIsAppliedTheOldDroppedAndTheFarAskedFor(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let steps = try await db.transaction { [cursors, key] tx in
            try [1, 1, 2, 4, 3, 2, 4, 5].map { try cursors.advance(key, to: $0, in: tx) }
        }
        #expect(steps == [.apply, .drop, .apply, .gap(after: 2), .apply, .drop, .apply, .apply])
        let other = OutboxKey(topic: "U", key: key.key)
        let result1 = try await db.transaction { [cursors] in try cursors.advance(other, to: 3, in: $0) }
        #expect(result1 == .gap(after: 0))
    }

    @Test(arguments: TestDatabase.allCases)
    func manyAtOnceAreWhatTheyAreOneByOne(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let alone = Cursors(prefix: "alone")
        try await db.migrate("alone", alone.migrations)
        for _ in 0..<60 {
            let messages = (0..<Int.random(in: 1...12)).map { _ in
                (key: OutboxKey(topic: ["T", "U"].randomElement()!, key: ["a", "b"].randomElement()!), seq: Int64.random(in: 1...9))
            }
            let (together, each) = try await db.transaction { [cursors] tx in
                (try cursors.advance(messages, in: tx), try messages.map { try alone.advance($0.key, to: $0.seq, in: tx) })
            }
            #expect(together == each, "\(messages)")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRolledBackEffectLeavesTheCursor(kind: TestDatabase) async throws {
        let db = try await open(kind)
        await #expect(throws: TestFailure.self) {
            try await db.transaction { [cursors, key] tx in
                #expect(try cursors.advance(key, to: 1, in: tx) == .apply)
                throw TestFailure("the effect failed")
            }
        }
        let result2 = try await db.transaction { [cursors, key] in try cursors.advance(key, to: 1, in: $0) }
        #expect(result2 == .apply)
    }

    @Test(arguments: TestDatabase.allCases)
    func ofManyAtOnceOneApplies(kind: TestDatabase) async throws {
        let db = try await open(kind)
        for seq in Int64(1)...5 {
            let steps = try await withThrowingTaskGroup(of: Cursors.Step.self) { group in
                for _ in 0..<8 {
                    group.addTask { [cursors, key] in
                        try await db.transaction { try cursors.advance(key, to: seq, in: $0) }
                    }
                }
                return try await group.reduce(into: [Cursors.Step]()) { $0.append($1) }
            }
            #expect(steps.filter { $0 == .apply }.count == 1)
            #expect(steps.filter { $0 == .drop }.count == 7)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func headsAreComparedWithCursors(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let behind = try await db.transaction { [cursors] tx in
            for seq in Int64(1)...3 { _ = try cursors.advance(OutboxKey(topic: "T", key: "a"), to: seq, in: tx) }
            try cursors.skip(OutboxKey(topic: "T", key: "b"), to: 7, in: tx)
            try cursors.skip(OutboxKey(topic: "T", key: "b"), to: 6, in: tx)
            return try cursors.behind(topic: "T", heads: [("a", 5), ("b", 7), ("c", 1)], in: tx)
        }
        #expect(behind.map(\.key) == ["a", "c"] && behind.map(\.after) == [3, 0])
    }
}
