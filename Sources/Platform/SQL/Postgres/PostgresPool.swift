import Dispatch
import Foundation
import Logging
import Synchronization

/// A transaction that waits for a connection.
struct WaitingWork: Sendable {
    var deadline: ContinuousClock.Instant
    var deadlineWhenAway: ContinuousClock.Instant
    var isWaiting: @Sendable () -> Bool
    var fail: @Sendable (any Error) -> Void
    var run: @Sendable (PostgresConnection) -> Void
}

/// Work in the order it came, and the workers that take it: as many as there is work for, up to a limit.
///
/// Work stays in the queue until a worker *with a connection* takes it, so that it can be cancelled, and fails in time,
/// while the database is away.
final class PostgresPool: Sendable {
    struct State {
        var waiting = FIFO<WaitingWork>()
        /// Those asleep; the last to fall asleep is the first to be woken, so that the others can be closed.
        var idle: [PostgresWorker] = []
        var workers = 0
        var isClosed = false
        var isSweepScheduled = false
        /// Why the last attempt to connect failed, while none has succeeded since.
        var lastFailure: String?
    }

    let options: DatabaseOptions
    let metrics: DatabaseMetrics
    let logger: Logger
    let makeConnection: @Sendable () -> PostgresConnection
    private let state = Mutex(State())

    init(
        options: DatabaseOptions, metrics: DatabaseMetrics, logger: Logger,
        makeConnection: @escaping @Sendable () -> PostgresConnection
    ) {
        self.options = options
        self.metrics = metrics
        self.logger = logger
        self.makeConnection = makeConnection
    }

    /// What a submission asks of the pool, once its lock is released.
    private enum Next { case wake(PostgresWorker), start, nothing }

    func submit(_ work: WaitingWork) throws {
        let (next, schedulesSweep) = try state.withLock { state -> (Next, Bool) in
            guard !state.isClosed else { throw DatabaseUnavailable(reason: "closed") }
            if state.waiting.count >= options.maxWaiting {
                // Those who have given up take no place.
                _ = state.waiting.removeAll { !$0.isWaiting() }
            }
            guard state.waiting.count < options.maxWaiting else {
                metrics.failures.increment()
                throw DatabaseUnavailable(reason: "too many transactions are waiting")
            }
            state.waiting.append(work)
            if let worker = state.idle.popLast() { return (.wake(worker), false) }
            let schedulesSweep = !state.isSweepScheduled
            state.isSweepScheduled = true
            guard state.workers < options.maxOpenConnections else { return (.nothing, schedulesSweep) }
            state.workers += 1
            return (.start, schedulesSweep)
        }
        switch next {
        case .wake(let worker): worker.wake()
        case .start: PostgresWorker(self).start()
        case .nothing: break
        }
        if schedulesSweep { scheduleSweep() }
    }

    func close() {
        let (idle, waiting) = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return (state.idle, state.waiting.removeAll())
        }
        for worker in idle { worker.wake() }
        for work in waiting { work.fail(DatabaseUnavailable(reason: "closed")) }
    }

    // MARK: What workers ask

    enum Order { case work, sleep(surplus: Bool), stop }

    /// What the worker is to do next; told to sleep, it is idle from now on.
    func order(for worker: PostgresWorker) -> Order {
        state.withLock { state in
            if state.isClosed {
                state.workers -= 1
                return .stop
            }
            if !state.waiting.isEmpty { return .work }
            state.idle.append(worker)
            return .sleep(surplus: state.idle.count > options.maxIdleConnections)
        }
    }

    /// Whether the worker, idle for a while, is to go. False where work has just been given to it.
    func retire(_ worker: PostgresWorker) -> Bool {
        state.withLock { state in
            guard state.idle.count > options.maxIdleConnections,
                let index = state.idle.firstIndex(where: { $0 === worker })
            else { return false }
            state.idle.remove(at: index)
            state.workers -= 1
            return true
        }
    }

    /// The next in the queue that has not been given up.
    func take() -> WaitingWork? {
        state.withLock { state in
            while let work = state.waiting.popFirst() {
                if work.isWaiting() { return work }
            }
            return nil
        }
    }

    /// A worker that was woken has no connection yet: those who wait for it must not wait for ever.
    func connecting() {
        let schedules = state.withLock { state in
            defer { state.isSweepScheduled = true }
            return !state.isSweepScheduled
        }
        if schedules { scheduleSweep() }
    }

    func connected() {
        let was = state.withLock { state in
            defer { state.lastFailure = nil }
            return state.lastFailure
        }
        if was != nil { logger.notice("connected to the database again", metadata: ["database": "\(options.name)"]) }
    }

    func couldNotConnect(_ reason: String) {
        let was = state.withLock { state in
            defer { state.lastFailure = reason }
            return state.lastFailure
        }
        if was != reason {
            logger.warning("cannot connect to the database", metadata: ["database": "\(options.name)", "reason": "\(reason)"])
        }
    }

    // MARK: Those who have waited too long

    private func scheduleSweep() {
        let interval = min(0.25, options.waitLimit.timeInterval / 4)
        DispatchQueue.global().asyncAfter(deadline: .now() + interval) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        let now = ContinuousClock.now
        let (expired, reason, again) = state.withLock { state in
            let isAway = state.lastFailure != nil
            let expired = state.waiting.removeAll { work in
                (isAway ? min(work.deadline, work.deadlineWhenAway) : work.deadline) <= now || !work.isWaiting()
            }
            state.isSweepScheduled = !state.waiting.isEmpty
            return (expired, state.lastFailure, state.isSweepScheduled)
        }
        for work in expired {
            metrics.failures.increment()
            work.fail(DatabaseUnavailable(reason: reason ?? "no connection became free in time"))
        }
        if again { scheduleSweep() }
    }
}
