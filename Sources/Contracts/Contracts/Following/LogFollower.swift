import Delivery
import Logging
import Matrix
import SQL
import Topics

/// Follows an owner's logs: each message's effect once and in order of its key, whatever the topic delivers twice, out of
/// order or not at all.
public struct LogFollower<Message: Codable & Sendable>: Sendable {
    /// Applies a message with the move of its key's cursor, in one transaction.
    public typealias Apply = @Sendable (_ message: Message, _ key: OutboxKey, _ seq: Int64) async throws -> Cursors.Step

    private let log: OwnersLog<Message>
    private let cursors: Cursors
    private let database: Database
    private let logger: Logger
    private let apply: Apply

    public init(
        _ log: OwnersLog<Message>, cursors: Cursors, database: Database, logger: Logger, apply: @escaping Apply
    ) {
        self.log = log
        self.cursors = cursors
        self.database = database
        self.logger = logger
        self.apply = apply
    }

    /// Each effect written by `effect`, in the transaction that moves the cursor.
    public init(
        _ log: OwnersLog<Message>, cursors: Cursors, database: Database, logger: Logger,
        effect: @escaping @Sendable (Message, Transaction) throws -> Void
    ) {
        self.init(log, cursors: cursors, database: database, logger: logger) { message, key, seq in
            try await database.transaction { tx in
                let step = try cursors.advance(key, to: seq, in: tx)
                if step == .apply { try effect(message, tx) }
                return step
            }
        }
    }

    /// Listens until cancelled.
    public func follow(_ bus: any Bus, as durable: Durable) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await bus.consume(log.topic, as: durable) { delivered in
                    guard let seq = delivered.seq else { throw MatrixError.unknown("a message of \(log.topic.name) has no number") }
                    try await take(delivered.message, delivered.key, seq)
                }
            }
            group.addTask {
                await compareHeads()
                for await _ in bus.reconnections { await compareHeads() }
                while true { try await Task.sleep(for: .seconds(3600)) }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Applies a message, and before it what is missing.
    private func take(_ message: Message, _ key: String, _ seq: Int64) async throws {
        while case .gap(let after) = try await apply(message, log.key(key), seq) {
            try await fetch(key, after: after, until: seq)
        }
    }

    /// Applies a log from after one number until another is reached. What the owner has pruned is passed over.
    private func fetch(_ key: String, after: Int64, until: Int64) async throws {
        var after = after
        while after < until {
            let entries = try await log.entries(key, after)
            guard let first = entries.first, let last = entries.last else {
                throw MatrixError.unknown("the log \(log.topic.name) of \(key) has nothing after \(after)")
            }
            if first.seq > after + 1 {
                logger.error("a log was pruned before it was read", metadata: ["topic": "\(log.topic.name)", "key": "\(key)"])
                let outbox = log.key(key)
                try await database.transaction { [cursors] in try cursors.skip(outbox, to: first.seq - 1, in: $0) }
            }
            for entry in entries { _ = try await apply(entry.message, log.key(key), entry.seq) }
            after = last.seq
        }
    }

    /// At the start and after each reconnection of the bus: compares every log's head with its cursor, since the last
    /// messages of a log that were lost have no successor to betray it. The owner may not be there yet.
    private func compareHeads() async {
        var pause = Duration.milliseconds(200)
        while !Task.isCancelled {
            do { return try await compareAllHeads() } catch {
                logger.info("cannot compare heads yet", metadata: ["topic": "\(log.topic.name)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    private func compareAllHeads() async throws {
        var last: String?
        repeat {
            let heads = try await log.heads(last)
            let seqs = Dictionary(heads.map { ($0.key, $0.seq) }, uniquingKeysWith: max)
            let behind = try await database.read { [cursors, topic = log.topic.name] in
                try cursors.behind(topic: topic, heads: seqs.map { (key: $0, seq: $1) }, in: $0)
            }
            for one in behind { try await fetch(one.key, after: one.after, until: seqs[one.key] ?? one.after) }
            last = heads.last?.key
        } while last != nil
    }
}
