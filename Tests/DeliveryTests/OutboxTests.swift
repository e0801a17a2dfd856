import Delivery
import Logging
import SQL
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct OutboxTests {
    let outbox = Outbox(prefix: "test")
    let logger = Logger(label: "test")

    private func open(_ kind: TestDatabase) async throws -> Database {
        let db = try await kind.open()
        try await db.migrate("test", outbox.migrations)
        return db
    }

    private func message(_ text: String, on topic: String = "T") -> OutboxMessage {
        OutboxMessage(topic: topic, bytes: Array(text.utf8))
    }

    private func options(patience: Duration = .zero) -> OutboxPublisher.Options {
        var options = OutboxPublisher.Options()
        options.sweepInterval = .milliseconds(50)
        options.patience = patience
        options.markDelay = .milliseconds(10)
        return options
    }

    @Test(arguments: TestDatabase.allCases)
    func numbersAreDenseByKeyAndTopicAndARollbackTakesNone(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let first = try await db.transaction { [outbox] tx in
            try outbox.append(key: "a", messages: [message("1"), message("x", on: "U"), message("2")], in: tx)
        }
        #expect(first.map(\.seq) == [1, 2, 1] && first.map(\.topic) == ["T", "T", "U"])
        await #expect(throws: TestFailure.self) {
            try await db.transaction { [outbox] tx in
                _ = try outbox.append(key: "a", messages: [message("lost")], in: tx)
                throw TestFailure("changed my mind")
            }
        }
        try await db.transaction { [outbox] (tx: Transaction) throws -> Void in
            #expect(try outbox.append(key: "a", messages: [message("3")], in: tx).map(\.seq) == [3])
            #expect(try outbox.append(key: "b", messages: [message("1")], in: tx).map(\.seq) == [1])
        }
        let key = OutboxKey(topic: "T", key: "a")
        try await db.read { [outbox] (tx: Transaction) throws -> Void in
            #expect(try outbox.after(1, of: key, limit: 10, in: tx).map { String(decoding: $0.bytes, as: UTF8.self) } == ["2", "3"])
            #expect(try outbox.after(0, of: key, limit: 2, in: tx).map(\.seq) == [1, 2])
            #expect(try outbox.head(of: key, in: tx) == 3)
            #expect(try outbox.heads(topic: "T", changedSince: 0, limit: 10, in: tx).map { "\($0.key)\($0.seq)" } == ["a3", "b1"])
            #expect(try outbox.heads(topic: "T", changedSince: tx.now + 60_000, limit: 10, in: tx).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aComponentsOwnRowGivesTheNumbers(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let entries = try await db.transaction { [outbox] tx in
            try tx.run("CREATE TABLE rooms (id \(.text) PRIMARY KEY, out_seq \(.integer) NOT NULL)")
            try tx.run("INSERT INTO rooms VALUES (\("!a"), 0)")
            let last = try tx.row("UPDATE rooms SET out_seq = out_seq + 2 WHERE id = \("!a") RETURNING out_seq", as: Int64.self)
            return try outbox.append(key: "!a", messages: [message("1"), message("2")], last: #require(last), in: tx)
        }
        #expect(entries.map(\.seq) == [1, 2])
        let pending = try await db.read { [outbox] in try outbox.pending(OutboxKey(topic: "T", key: "!a"), limit: 9, in: $0) }
        #expect(pending == entries)
    }

    /// Several replicas commit to and publish the same keys, publishing fails now and then, and publishers are killed.
    @Test(arguments: TestDatabase.allCases)
    func everythingIsPublishedInOrderThoughPublishersDie(kind: TestDatabase) async throws {
        let uri = try await kind.connectionString()
        let first = try await Database.open(uri)
        try await first.migrate("test", outbox.migrations)
        var replicas = [first]
        for _ in 1..<3 { replicas.append(kind == .postgres ? try await Database.open(uri) : first) }
        let recorder = Recorder()
        let keys = ["a", "b", "c"]
        let perReplica = 60
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, db) in replicas.enumerated() {
                group.addTask {
                    for round in 0..<6 {
                        // One life of a publisher: cancelled after its share, wherever it stands.
                        let publisher = OutboxPublisher(outbox: outbox, database: db, options: options(), logger: logger) { entries in
                            for entry in entries {
                                if Int.random(in: 0..<20) == 0 { throw TestFailure("bus away") }
                                recorder.record(entry)
                                await Task.yield()
                            }
                        }
                        try await withThrowingTaskGroup(of: Void.self) { life in
                            life.addTask { try await publisher.run() }
                            for number in 0..<perReplica / 6 {
                                let key = keys[(number + index + round) % 3]
                                let entries = try await db.transaction { tx in
                                    try outbox.append(key: key, messages: [message("\(index)")], in: tx)
                                }
                                publisher.nudge(entries)
                            }
                            life.cancelAll()
                            try await life.waitForAll()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        // The survivor finishes what the dead left.
        let survivor = OutboxPublisher(outbox: outbox, database: first, options: options(), logger: logger) { $0.forEach(recorder.record) }
        let expected = Dictionary(uniqueKeysWithValues: try await first.read { [outbox] in
            try outbox.heads(topic: "T", changedSince: 0, limit: 9, in: $0).map { ($0.key, $0.seq) }
        })
        #expect(expected.values.reduce(0, +) == Int64(3 * perReplica))
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await survivor.run() }
            await recorder.wait { entries in expected.allSatisfy { Int64(entries.distinct($0.key)) == $0.value } }
            group.cancelAll()
        }
        for (key, head) in expected {
            let (numbers, sawGap) = recorder.applied(key)
            #expect(!sawGap)
            #expect(numbers == Array(1...head))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aPublisherKilledBetweenPublishingAndMarkingIsFollowedByAnother(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let recorder = Recorder()
        let dying = OutboxPublisher(outbox: outbox, database: db, options: options(patience: .seconds(60)), logger: logger) { entries in
            recorder.record(entries[0])
            throw CancellationError()
        }
        let entries = try await db.transaction { [outbox] in
            try outbox.append(key: "a", messages: [message("1"), message("2")], in: $0)
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dying.run() }
            dying.nudge(entries)
            await recorder.wait { !$0.isEmpty }
            group.cancelAll()
        }
        let key = OutboxKey(topic: "T", key: "a")
        let result1 = try await db.read { [outbox] in try outbox.mark(of: key, in: $0) }
        #expect(result1 == 0)
        let next = OutboxPublisher(outbox: outbox, database: db, options: options(), logger: logger) { $0.forEach(recorder.record) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await next.run() }
            await recorder.wait { $0.contains { $0.seq == 2 } }
            while try await db.read({ [outbox] in try outbox.mark(of: key, in: $0) }) < 2 { await Task.yield() }
            group.cancelAll()
        }
        #expect(recorder.applied("a").numbers == [1, 2])
        #expect(Set(recorder.entries.map(\.id)) == ["a-1", "a-2"])
    }

    @Test(arguments: TestDatabase.allCases)
    func aRefusedMessageHoldsBackThoseAfterIt(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let recorder = Recorder()
        let attempts = Atomic(0)
        let publisher = OutboxPublisher(outbox: outbox, database: db, options: options(), logger: logger) { entries in
            for entry in entries {
                if entry.seq == 2, attempts.add(1, ordering: .relaxed).newValue < 3 { throw TestFailure("bus away") }
                recorder.record(entry)
            }
        }
        let entries = try await db.transaction { [outbox] in
            try outbox.append(key: "a", messages: [message("1"), message("2"), message("3")], in: $0)
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            publisher.nudge(entries)
            await recorder.wait { $0.contains { $0.seq == 3 } }
            group.cancelAll()
        }
        let (numbers, sawGap) = recorder.applied("a")
        #expect(numbers == [1, 2, 3] && !sawGap)
    }

    @Test(arguments: TestDatabase.allCases)
    func pruningTakesOnlyWhatWasToldAndIsOld(kind: TestDatabase) async throws {
        let db = try await open(kind)
        let key = OutboxKey(topic: "T", key: "a")
        try await db.transaction { [outbox] tx in
            _ = try outbox.append(key: "a", messages: (1...5).map { message("\($0)") }, in: tx)
            try outbox.markSent([key: 3], in: tx)
            try outbox.markSent([key: 1], in: tx)
            #expect(try outbox.mark(of: key, in: tx) == 3)
            #expect(try outbox.prune(writtenBefore: tx.now - 60_000, limit: 10, in: tx) == 0)
            #expect(try outbox.prune(writtenBefore: tx.now + 60_000, limit: 2, in: tx) == 2)
            #expect(try outbox.prune(writtenBefore: tx.now + 60_000, limit: 10, in: tx) == 1)
            #expect(try outbox.after(0, of: key, limit: 10, in: tx).map(\.seq) == [4, 5])
            #expect(try outbox.append(key: "a", messages: [message("6")], in: tx).map(\.seq) == [6])
        }
    }
}

extension [OutboxEntry] {
    /// How many different numbers of a key there are.
    func distinct(_ key: String) -> Int { Set(filter { $0.key == key }.map(\.seq)).count }
}
