import Delivery
import Logging
import Matrix
import SQL
import ServiceLifecycle
import Topics
import Web

/// Follows an owner's logs: each message's effect once and in order of its key, whatever the topic delivers twice, out of
/// order or not at all. What can never be applied is set aside, and the rest of its log goes on.
public struct LogFollower<Message: Codable & Sendable>: Sendable {
    /// Applies a message with the move of its key's cursor, in one transaction.
    public typealias Apply = @Sendable (_ message: Message, _ key: OutboxKey, _ seq: Int64) async throws -> Cursors.Step

    private let log: OwnersLog<Message>
    private let cursors: Cursors
    private let setAside: SetAside
    private let database: Database
    private let logger: Logger
    private let apply: Apply

    public init(
        _ log: OwnersLog<Message>, cursors: Cursors, setAside: SetAside, database: Database, logger: Logger,
        apply: @escaping Apply
    ) {
        self.log = log
        self.cursors = cursors
        self.setAside = setAside
        self.database = database
        self.logger = logger
        self.apply = apply
    }

    /// Each effect written by `effect`, in the transaction that moves the cursor.
    public init(
        _ log: OwnersLog<Message>, cursors: Cursors, setAside: SetAside, database: Database, logger: Logger,
        effect: @escaping @Sendable (Message, Transaction) throws -> Void
    ) {
        self.init(log, cursors: cursors, setAside: setAside, database: database, logger: logger) { message, key, seq in
            try await database.transaction { tx in
                let step = try cursors.advance(key, to: seq, in: tx)
                if step == .apply { try effect(message, tx) }
                return step
            }
        }
    }

    /// Listens until the process is told to stop: what a component's service does.
    public func serve(_ bus: any Bus, as durable: Durable) async throws {
        do {
            try await cancelWhenGracefulShutdown { try await follow(bus, as: durable) }
        } catch is CancellationError {}
    }

    /// Listens until cancelled.
    public func follow(_ bus: any Bus, as durable: Durable) async throws {
        // Before the first comparison, so that no reconnection falls between.
        let reconnections = bus.reconnections
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await bus.consume(bytesOf: log.topic.name, as: durable) { delivered in
                    try await RequestID.$current.withValue(delivered.requestID) {
                        try await take(delivered.message, delivered.key, delivered.seq, id: delivered.id)
                    }
                }
            }
            group.addTask {
                await compareHeads()
                for await _ in reconnections { await compareHeads() }
                while true { try await Task.sleep(for: .seconds(3600)) }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Applies a message, and before it what is missing.
    private func take(_ bytes: [UInt8], _ key: String, _ seq: Int64?, id: String) async throws {
        guard let seq else {
            let entry = SetAside.Entry(topic: log.topic.name, key: key, id: id, error: "it has no number", message: bytes)
            return try await Patience(setAside: setAside, database: database, logger: logger).giveUp(entry)
        }
        while case .gap(let after) = try await step(bytes, key, seq) {
            try await fetch(key, after: after, until: seq - 1)
        }
    }

    /// Applies a log from after one number until another is reached. What the owner has pruned is passed over.
    private func fetch(_ key: String, after: Int64, until: Int64) async throws {
        var after = after
        while after < until {
            let entries = try await log.entries(key, after)
            guard let first = entries.first, let last = entries.last, last.seq > after else {
                throw MatrixError.unavailable("the log \(log.topic.name) of \(key) has nothing after \(after)")
            }
            if first.seq > after + 1 {
                logger.error("a log was pruned before it was read", metadata: ["topic": "\(log.topic.name)", "key": "\(key)"])
                let outbox = log.key(key)
                try await database.transaction { [cursors] in try cursors.skip(outbox, to: first.seq - 1, in: $0) }
            }
            for entry in entries {
                guard case .gap = try await step(entry.bytes, key, entry.seq) else { continue }
                throw MatrixError.unavailable("the log \(log.topic.name) of \(key) has a hole before \(entry.seq)")
            }
            after = last.seq
        }
    }

    /// Applies one message, or sets it aside. Both move the cursor.
    private func step(_ bytes: [UInt8], _ key: String, _ seq: Int64) async throws -> Cursors.Step {
        let patience = Patience(setAside: setAside, database: database, logger: logger)
        let outboxKey = log.key(key)
        var step = Cursors.Step.drop
        let failure = try await patience.attempt {
            step = try await apply(try JSONCoder.decode(Message.self, from: bytes), outboxKey, seq)
        }
        guard let failure else { return step }
        // Its turn may not have come: what cannot be read has not looked at the cursor.
        let cursor = try await database.read { [cursors] in try cursors.position(of: outboxKey, in: $0) }
        guard cursor == seq - 1 else { return seq <= cursor ? .drop : .gap(after: cursor) }
        let entry = SetAside.Entry(topic: log.topic.name, key: key, id: "\(seq)", error: "\(failure)", message: bytes)
        try await patience.giveUp(entry) { [cursors] in try cursors.skip(outboxKey, to: seq, in: $0) }
        return .apply
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
