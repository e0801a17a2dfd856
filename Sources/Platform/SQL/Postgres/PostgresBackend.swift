import Foundation
import Logging

/// PostgreSQL: a pool of connections, each with a thread of its own on which transactions run from start to end.
final class PostgresBackend: Backend {
    let dialect = Dialect.postgres
    private let pool: PostgresPool
    private let metrics: DatabaseMetrics

    init(uri: String, options: DatabaseOptions, metrics: DatabaseMetrics, logger: Logger) throws {
        self.metrics = metrics
        pool = PostgresPool(options: options, metrics: metrics, logger: logger) {
            PostgresConnection(uri: uri, options: options, metrics: metrics)
        }
    }

    deinit { pool.close() }

    func close() async { pool.close() }

    func perform<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let ticket = Ticket<T>()
        let metrics = metrics
        return try await ticket.answer {
            let submitted = ContinuousClock.now
            let options = pool.options
            try pool.submit(
                WaitingWork(
                    deadline: submitted + options.waitLimit, deadlineWhenAway: submitted + options.waitLimitWhenAway,
                    isWaiting: { ticket.isWaiting },
                    fail: { ticket.abandon($0) },
                    run: { connection in
                        guard ticket.begin() else { return }
                        let started = ContinuousClock.now
                        metrics.wait.recordNanoseconds(submitted.duration(to: started).nanoseconds)
                        connection.perform(mode, until: started + options.waitLimitWhenAway, metrics, body) { ticket.finish($0) }
                        metrics.transactions.increment()
                        metrics.duration.recordNanoseconds(started.duration(to: .now).nanoseconds)
                    }))
        }
    }
}

extension PostgresConnection {
    /// Runs a transaction to its end: again where another was in its way, and, until the deadline, where the connection broke
    /// before the commit.
    func perform<T>(
        _ mode: TransactionMode, until deadline: ContinuousClock.Instant, _ metrics: DatabaseMetrics,
        _ body: (Transaction) throws -> T, answer: (Result<T, any Error>) -> Void
    ) {
        var attempt = 0
        while true {
            attempt += 1
            do {
                if !isOpen { try open() }
                begin(mode)
                let value = try body(Transaction(connection: self))
                // What was read is true whatever becomes of the COMMIT: the answer need not wait for it.
                if mode != .write, !hasFailed { answer(.success(value)) }
                try commit()
                if mode == .write { answer(.success(value)) }
                return
            } catch {
                let failure = failureOfTransaction(error)
                rollback()
                guard let failure, mayRetry(failure, attempt, until: deadline) else {
                    return answer(.failure((error as? PostgresFailure)?.error ?? error))
                }
                metrics.retries.increment()
                Thread.sleep(forTimeInterval: min(0.5, Double.random(in: 0.001...0.01) * Double(attempt * attempt)))
            }
        }
    }

    private func mayRetry(_ failure: PostgresFailure, _ attempt: Int, until deadline: ContinuousClock.Instant) -> Bool {
        switch failure {
        case .again:
            forgetStatementsIfStale(failure)
            return attempt < 6
        case .disconnected: return ContinuousClock.now < deadline
        // By a new connection; not more than one a second, where that is no better.
        case .readOnly:
            guard isOld else { return false }
            close()
            return true
        case .unavailable, .refused: return false
        }
    }

    private func forgetStatementsIfStale(_ failure: PostgresFailure) {
        guard case .again(.failed(let code, _, _)) = failure, code == "0A000" || code == "26000" else { return }
        forgetStatements()
    }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
