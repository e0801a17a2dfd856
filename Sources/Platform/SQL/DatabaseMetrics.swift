import Metrics
import Synchronization

/// What a database tells `/metrics`.
struct DatabaseMetrics: Sendable {
    let statements: Counter
    let transactions: Counter
    let retries: Counter
    let failures: Counter
    let duration: Timer
    let wait: Timer

    init(database: String) {
        let dimensions = [("database", database)]
        statements = Counter(label: "dendrite_sql_statements", dimensions: dimensions)
        transactions = Counter(label: "dendrite_sql_transactions", dimensions: dimensions)
        retries = Counter(label: "dendrite_sql_retries", dimensions: dimensions)
        failures = Counter(label: "dendrite_sql_unavailable", dimensions: dimensions)
        duration = Timer(label: "dendrite_sql_transaction_duration", dimensions: dimensions)
        wait = Timer(label: "dendrite_sql_wait_duration", dimensions: dimensions)
    }
}

/// How long one transaction waited, and how long it took.
final class Timing: Sendable {
    let metrics: DatabaseMetrics
    private let submitted = ContinuousClock.now
    private let start = Mutex(ContinuousClock.now)

    init(_ metrics: DatabaseMetrics) { self.metrics = metrics }

    func began() {
        let now = ContinuousClock.now
        start.withLock { $0 = now }
        metrics.wait.recordNanoseconds(submitted.duration(to: now).nanoseconds)
    }

    func ended() {
        metrics.transactions.increment()
        metrics.duration.recordNanoseconds(start.withLock { $0 }.duration(to: .now).nanoseconds)
    }
}
