import CoreMetrics
import Synchronization

/// One thing that is measured, with one set of labels.
protocol Series: AnyObject, Sendable {
    var kind: String { get }
    func lines() -> [(suffix: String, label: String, value: String)]
}

/// Only grows.
final class Tally: Series, CounterHandler, FloatingPointCounterHandler {
    private let sum = Mutex(0.0)
    let kind = "counter"
    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { sum.withLock { $0 += amount } }
    func reset() { sum.withLock { $0 = 0 } }
    func lines() -> [(suffix: String, label: String, value: String)] { [("", "", written(sum.withLock { $0 }))] }
}

/// Goes up and down.
final class Gauge: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)
    let kind = "gauge"
    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }
    func lines() -> [(suffix: String, label: String, value: String)] { [("", "", written(value.withLock { $0 }))] }
}

/// How often, how much in all, and how it is spread.
final class Histogram: Series, TimerHandler, RecorderHandler {
    static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    static let counts = [1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000]

    private struct State {
        var sum = 0.0
        /// How many fell in each bucket; the last is for what passes every bound.
        var buckets: [UInt64]
    }
    private let bounds: [Double]
    private let state: Mutex<State>
    let kind = "histogram"

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.sum += value
            $0.buckets[bucket] &+= 1
        }
    }

    func lines() -> [(suffix: String, label: String, value: String)] {
        let state = state.withLock { $0 }
        var lines: [(suffix: String, label: String, value: String)] = []
        var count: UInt64 = 0
        for (bound, number) in zip(bounds + [.infinity], state.buckets) {
            count &+= number
            lines.append(("_bucket", "le=\"\(bound == .infinity ? "+Inf" : written(bound))\"", String(count)))
        }
        return lines + [("_sum", "", written(state.sum)), ("_count", "", String(count))]
    }
}

/// A number without a fraction that says nothing.
private func written(_ value: Double) -> String { Int64(exactly: value).map(String.init) ?? String(value) }
