import Delivery
import Logging
import Matrix
import Synchronization
import SQL
import Topics

/// Writes what the topics tell, while this replica holds the lease: everything that waits goes into one transaction, with
/// positions taken from the lease's row.
final class Projector: Sendable {
    private struct Waiting {
        var items: [Projection]
        var done: CheckedContinuation<[Cursors.Step], any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    private let isTyped = Atomic(false)
    private let isPresent = Atomic(false)
    private let actors: Actors?
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation
    private let database: Database
    private let lease: Lease
    private let leases: Leases
    private let cursors: Cursors
    private let notifier: Notifier
    private let bus: any Bus
    private let rules = KnownRules()
    /// How much is written at once, unless what was handed over together is more.
    private static let batch = 256

    /// - Parameter tellsPresence: whether it matters who is there.
    init(
        lease: Lease, leases: Leases, database: Database, cursors: Cursors, notifier: Notifier, bus: any Bus,
        tellsPresence: Bool = false
    ) {
        actors = tellsPresence ? Actors() : nil
        self.lease = lease
        self.leases = leases
        self.database = database
        self.cursors = cursors
        self.notifier = notifier
        self.bus = bus
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands things over and returns when they are committed. How much waits is bounded by the bus, which hands over the
    /// next of a partition when the last are done with.
    func submit(_ items: [Projection]) async throws -> [Cursors.Step] {
        try await withCheckedThrowingContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.isOpen { state.waiting.append(Waiting(items: items, done: continuation)) }
                return state.isOpen
            }
            if isOpen { arrived.yield() } else { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// Writes until cancelled, or until the lease is lost, which it throws.
    func run() async throws {
        defer { close() }
        for await _ in arrivals {
            while true {
                let batch = next()
                if batch.isEmpty { break }
                do {
                    var outcomes = try await write(batch.flatMap(\.items))[...]
                    for waiting in batch {
                        waiting.done.resume(returning: Array(outcomes.prefix(waiting.items.count)))
                        outcomes.removeFirst(waiting.items.count)
                    }
                } catch let error as LeaseLost {
                    for waiting in batch { waiting.done.resume(throwing: error) }
                    throw error
                } catch let error as DatabaseUnavailable {
                    for waiting in batch { waiting.done.resume(throwing: error) }
                } catch {
                    rules.forget()
                    await writeEach(batch, after: error)
                }
            }
        }
    }

    /// Whether typing was written since this was asked the last time.
    func takeTyped() -> Bool { isTyped.exchange(false, ordering: .relaxed) }

    /// The same for presence.
    func takePresent() -> Bool { isPresent.exchange(false, ordering: .relaxed) }

    private func next() -> [Waiting] {
        state.withLock { state in
            var count = 0
            let batch = state.waiting.prefix { waiting in
                defer { count += waiting.items.count }
                return count < Self.batch
            }
            state.waiting.removeFirst(batch.count)
            return Array(batch)
        }
    }

    private func close() {
        let left = state.withLock { state in
            state.isOpen = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiting in left { waiting.done.resume(throwing: CancellationError()) }
    }

    /// Each by itself, so that the one which cannot be written does not hold up the others.
    private func writeEach(_ batch: [Waiting], after error: any Error) async {
        guard batch.count > 1 else { return batch.forEach { $0.done.resume(throwing: error) } }
        for waiting in batch {
            do {
                waiting.done.resume(returning: try await write(waiting.items))
            } catch {
                waiting.done.resume(throwing: error)
            }
        }
    }

    private func write(_ items: [Projection]) async throws -> [Cursors.Step] {
        let lease = lease, leases = leases, cursors = cursors, rules = rules
        let acting = actors?.take(items) ?? []
        let (outcomes, touched, after, position) = try await database.transaction { tx in
            let advanced = try leases.advanceAhead(lease, by: Int64(items.count), in: tx)
            var writing = try ProjectionWriting(items, cursors: cursors, rules: rules, in: tx)
            let last = try advanced()
            let first = last - Int64(items.count) + 1
            let outcomes = try writing.write(from: first, in: tx)
            if !acting.isEmpty { try writing.writeActors(acting, at: last, in: tx) }
            return (outcomes, writing.touched, first - 1, last)
        }
        if items.contains(where: \.isTyping) { isTyped.store(true, ordering: .relaxed) }
        if items.contains(where: \.isPresence) || !acting.isEmpty { isPresent.store(true, ordering: .relaxed) }
        let signal = PositionSignal(
            after: after, position: position, roomIDs: Array(touched.rooms), userIDs: Array(touched.users))
        notifier.notify(signal)
        await bus.signal(Signals.syncPosition, try JSONCoder.encode(signal))
        return outcomes
    }
}
