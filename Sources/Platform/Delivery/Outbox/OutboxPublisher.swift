import Logging
import Metrics
import SQL
import ServiceLifecycle
import Synchronization

/// Publishes what the outbox holds: a key's messages in order; where one fails, it and those after it come again.
///
/// Any number of replicas may do so at once. What is published twice has the same number twice, which the listener's
/// cursor drops; marks may therefore be raised late, many at a time.
public final class OutboxPublisher: Service {
    public struct Options: Sendable {
        /// How many keys are published at the same time.
        public var concurrency = 32
        /// How long marks are gathered before they are written.
        public var markDelay: Duration = .milliseconds(100)
        public var sweepInterval: Duration = .seconds(2)
        /// Others' messages are taken for forgotten when they are as old as this.
        public var patience: Duration = .seconds(3)
        /// How long the log is kept: longer than any listener is away.
        public var retention: Duration = .seconds(7 * 24 * 3600)
        public init() {}
    }

    /// Publishes messages of one key, in order, and returns once the bus has acknowledged them all.
    public typealias Publish = @Sendable ([OutboxEntry]) async throws -> Void

    let outbox: Outbox
    let database: Database
    let options: Options
    let logger: Logger
    private let publish: Publish
    let nudged = NudgedKeys(limit: 20_000)
    private let marks = SentMarks()
    private let failed = Mutex(Set<OutboxKey>())
    private let published: Counter
    private let failures: Counter

    public init(
        outbox: Outbox, database: Database, options: Options = Options(), logger: Logger, publish: @escaping Publish
    ) {
        self.outbox = outbox
        self.database = database
        self.options = options
        self.logger = logger
        self.publish = publish
        let dimensions = [("outbox", outbox.messages)]
        published = Counter(label: "dendrite_outbox_published", dimensions: dimensions)
        failures = Counter(label: "dendrite_outbox_failures", dimensions: dimensions)
    }

    /// Publishes what was just committed, soon. Never waits.
    public func nudge(_ entries: [OutboxEntry]) {
        let byKey = Dictionary(grouping: entries) { OutboxKey(topic: $0.topic, key: $0.key) }
        for (key, entries) in byKey { nudged.nudge(key, with: entries) }
    }

    /// Publishes what the key has, soon. Never waits.
    public func nudge(_ key: OutboxKey) {
        nudged.nudge(key)
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.publishNudged() }
                group.addTask { await self.writeMarks() }
                group.addTask { await self.sweep() }
                group.addTask { await self.prune() }
            }
        }
        // On shutdown, so that those who stay do not publish it again; where this task was cancelled, they will.
        try? await flushMarks()
    }

    // MARK: Publishing

    private func publishNudged() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await key in nudged.stream {
                if running == options.concurrency {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.publishAll(of: key) }
            }
        }
    }

    private func publishAll(of key: OutboxKey) async {
        let fresh = nudged.begin(key)
        defer { nudged.end(key) }
        do {
            try await publishFresh(fresh, of: key)
            failed.withLock { _ = $0.remove(key) }
        } catch is CancellationError {
        } catch {
            failures.increment()
            let isNew = failed.withLock { $0.count < 20_000 && $0.insert(key).inserted }
            if isNew { logger.warning("cannot publish; will try again", metadata: ["topic": "\(key.topic)", "error": "\(error)"]) }
        }
    }

    /// Publishes what was brought along, if it is all there is to publish; otherwise what the database has.
    private func publishFresh(_ fresh: [OutboxEntry], of key: OutboxKey) async throws {
        let last = marks.last(of: key)
        let new = fresh.drop { $0.seq <= last ?? 0 }
        guard let first = new.first else {
            return fresh.isEmpty ? try await publishPending(of: key) : ()
        }
        let isDense = zip(new, new.dropFirst()).allSatisfy { $0.seq + 1 == $1.seq }
        guard isDense, first.seq == (last ?? 0) + 1 else { return try await publishPending(of: key) }
        try await publish(new, of: key)
    }

    private func publishPending(of key: OutboxKey) async throws {
        let limit = 50
        var last = marks.last(of: key)
        while true {
            let from = last
            let entries = try await database.read { [outbox] tx in
                try outbox.after(max(from ?? 0, outbox.mark(of: key, in: tx)), of: key, limit: limit, in: tx)
            }
            try await publish(entries[...], of: key)
            last = entries.last?.seq ?? last
            if entries.count < limit { return }
        }
    }

    private func publish(_ entries: ArraySlice<OutboxEntry>, of key: OutboxKey) async throws {
        guard let last = entries.last else { return }
        try Task.checkCancellation()
        try await publish(Array(entries))
        published.increment(by: entries.count)
        marks.sent(last.seq, of: key)
    }

    // MARK: Marks

    private func writeMarks() async {
        for await _ in marks.changes {
            do {
                try await Task.sleep(for: options.markDelay)
                try await flushMarks()
            } catch is CancellationError {
                return
            } catch {
                logger.warning("cannot write the outbox's marks", metadata: ["error": "\(error)"])
            }
        }
    }

    private func flushMarks() async throws {
        let sent = marks.take()
        guard !sent.isEmpty else { return }
        do {
            try await database.transaction { [outbox] in try outbox.markSent(sent, in: $0) }
        } catch {
            marks.giveBack(sent)
            throw error
        }
    }

    /// Publishes again what failed here; called by the sweeper.
    func retryFailed() {
        for key in failed.withLock({ $0 }) { nudged.nudge(key) }
    }
}
