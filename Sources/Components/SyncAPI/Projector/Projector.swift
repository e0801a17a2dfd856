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
        var item: Projection
        var done: CheckedContinuation<Cursors.Step, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation
    private let database: Database
    private let lease: Lease
    private let leases: Leases
    private let cursors: Cursors
    private let notifier: Notifier
    private let bus: any Bus
    private static let batch = 64

    init(lease: Lease, leases: Leases, database: Database, cursors: Cursors, notifier: Notifier, bus: any Bus) {
        self.lease = lease
        self.leases = leases
        self.database = database
        self.cursors = cursors
        self.notifier = notifier
        self.bus = bus
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands something over and returns when it is committed. How much waits is bounded by the bus, which hands over
    /// one message a partition.
    func submit(_ item: Projection) async throws -> Cursors.Step {
        try await withCheckedThrowingContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.isOpen { state.waiting.append(Waiting(item: item, done: continuation)) }
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
                let batch = state.withLock { state in
                    let batch = Array(state.waiting.prefix(Self.batch))
                    state.waiting.removeFirst(batch.count)
                    return batch
                }
                if batch.isEmpty { break }
                do {
                    let outcomes = try await write(batch.map(\.item))
                    for (waiting, outcome) in zip(batch, outcomes) { waiting.done.resume(returning: outcome) }
                } catch let error as LeaseLost {
                    for waiting in batch { waiting.done.resume(throwing: error) }
                    throw error
                } catch let error as DatabaseUnavailable {
                    for waiting in batch { waiting.done.resume(throwing: error) }
                } catch {
                    await writeEach(batch, after: error)
                }
            }
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

    /// One by one, so that the one which cannot be written does not hold up the others.
    private func writeEach(_ batch: [Waiting], after error: any Error) async {
        guard batch.count > 1 else { return batch.forEach { $0.done.resume(throwing: error) } }
        for waiting in batch {
            do {
                let outcomes = try await write([waiting.item])
                waiting.done.resume(returning: outcomes.first ?? .drop)
            } catch {
                waiting.done.resume(throwing: error)
            }
        }
    }

    private func write(_ items: [Projection]) async throws -> [Cursors.Step] {
        let lease = lease, leases = leases, cursors = cursors
        let (outcomes, touched, after, position) = try await database.transaction { tx in
            let last = try leases.advance(lease, by: Int64(items.count), in: tx)
            let first = last - Int64(items.count) + 1
            var touched = Touched()
            let outcomes = try items.enumerated().map { index, item in
                try item.apply(position: first + Int64(index), cursors: cursors, touched: &touched, in: tx)
            }
            return (outcomes, touched, first - 1, last)
        }
        let signal = PositionSignal(
            after: after, position: position, roomIDs: Array(touched.rooms), userIDs: Array(touched.users))
        notifier.notify(signal)
        await bus.signal(Signals.syncPosition, try JSONCoder.encode(signal))
        return outcomes
    }
}
