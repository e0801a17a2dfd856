import Delivery
import Foundation
import Logging
import Matrix
import SQL
import ServiceLifecycle
import Topics
import Web

/// A message of an owner's log.
public struct LogMessage<Message: Sendable>: Sendable {
    public let message: Message
    public let key: OutboxKey
    public let seq: Int64
    /// The request that caused it, for logs.
    public let requestID: String?
}

/// Follows an owner's logs: each message's effect once and in order of its key, whatever the topic delivers twice, out of
/// order or not at all. What can never be applied is set aside, and the rest of its log goes on.
public struct LogFollower<Message: Codable & Sendable>: Sendable {
    /// Applies messages with the moves of their keys' cursors, all in one transaction.
    public typealias Apply = @Sendable (_ messages: [LogMessage<Message>]) async throws -> [Cursors.Step]

    /// A message before it is read.
    private typealias Unread = LogMessage<[UInt8]>

    private let log: OwnersLog<Message>
    private let cursors: Cursors
    private let setAside: SetAside
    private let database: Database
    private let logger: Logger
    private let apply: Apply

    /// How many messages of a partition are taken at once.
    private static var batch: Int { 64 }

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

    /// Each effect written by `effect`, in the transaction that moves the cursor; what waits in all partitions shares one.
    public init(
        _ log: OwnersLog<Message>, cursors: Cursors, setAside: SetAside, database: Database, logger: Logger,
        effect: @escaping @Sendable (Message, Transaction) throws -> Void
    ) {
        let effects = LogEffects(cursors: cursors, database: database, effect: effect)
        let gathering = Gathering(limit: 64) { try await effects.apply($0) }
        self.init(log, cursors: cursors, setAside: setAside, database: database, logger: logger) {
            try await gathering.submit($0)
        }
    }

    /// Listens until the process is told to stop, on the one replica that holds the lease: what a component's service does.
    ///
    /// The lease only keeps replicas out of each other's way. What is right, the cursors decide.
    public func serve(_ bus: any Bus, as durable: Durable, leases: Leases) async throws {
        let holder = LeaseHolder(
            leases: leases, name: durable.name, holder: "\(ProcessInfo.processInfo.hostName) \(getpid())",
            // An SQLite database is locked to its process.
            isAlone: database.dialect == .sqlite, database: database, logger: logger
        ) { _ in try await follow(bus, as: durable) }
        try await holder.run()
    }

    /// Listens until cancelled.
    public func follow(_ bus: any Bus, as durable: Durable) async throws {
        // Before the first comparison, so that no reconnection falls between.
        let reconnections = bus.reconnections
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await bus.consume(bytesOf: log.topic.name, as: durable, upTo: Self.batch) { try await take($0) }
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

    /// Applies messages of a partition, and before each what is missing.
    private func take(_ delivered: [Delivered<[UInt8]>]) async throws {
        var unread: [Unread] = []
        for one in delivered {
            guard let seq = one.seq else {
                let error = "it has no number"
                let entry = SetAside.Entry(topic: log.topic.name, key: one.key, id: one.id, error: error, message: one.message)
                try await Patience(setAside: setAside, database: database, logger: logger).giveUp(entry)
                continue
            }
            unread.append(Unread(message: one.message, key: log.key(one.key), seq: seq, requestID: one.requestID))
        }
        for (one, step) in zip(unread, try await steps(of: unread)) {
            guard case .gap = step else { continue }
            // What was missing may have come with another's.
            while case .gap(let after) = try await self.step(one) {
                try await fetch(one.key.key, after: after, until: one.seq - 1)
            }
        }
    }

    /// Applies messages together, and one by one where that fails.
    private func steps(of unread: [Unread]) async throws -> [Cursors.Step] {
        if unread.count > 1 {
            do {
                return try await apply(unread.map(read))
            } catch where !Patience.maySucceedLater(error) || error is UnknownKind {
                logger.debug("messages are applied one by one", metadata: ["topic": "\(log.topic.name)", "error": "\(error)"])
            }
        }
        var steps: [Cursors.Step] = []
        // What a newer release sent keeps nothing waiting but its own log.
        var unknown: UnknownKind?
        for one in unread {
            do { steps.append(try await step(one)) } catch let error as UnknownKind { unknown = error }
        }
        if let unknown { throw unknown }
        return steps
    }

    private func read(_ unread: Unread) throws -> LogMessage<Message> {
        LogMessage(
            message: try JSONCoder.decode(Message.self, from: unread.message), key: unread.key, seq: unread.seq,
            requestID: unread.requestID)
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
            let unread = entries.map { Unread(message: $0.bytes, key: log.key(key), seq: $0.seq, requestID: nil) }
            for (entry, step) in zip(entries, try await steps(of: unread)) {
                guard case .gap = step else { continue }
                throw MatrixError.unavailable("the log \(log.topic.name) of \(key) has a hole before \(entry.seq)")
            }
            after = last.seq
        }
    }

    /// Applies one message, or sets it aside. Both move the cursor.
    private func step(_ one: Unread) async throws -> Cursors.Step {
        try await RequestID.$current.withValue(one.requestID) {
            let patience = Patience(setAside: setAside, database: database, logger: logger)
            var step: Cursors.Step?
            let failure = try await patience.attempt { step = try await apply([read(one)]).first }
            guard let failure else { return step ?? .drop }
            // Its turn may not have come: what cannot be read has not looked at the cursor.
            let cursor = try await database.read { [cursors] in try cursors.position(of: one.key, in: $0) }
            guard cursor == one.seq - 1 else { return one.seq <= cursor ? .drop : .gap(after: cursor) }
            let entry = SetAside.Entry(
                topic: log.topic.name, key: one.key.key, id: "\(one.seq)", error: "\(failure)", message: one.message)
            try await patience.giveUp(entry) { [cursors] in try cursors.skip(one.key, to: one.seq, in: $0) }
            return .apply
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
