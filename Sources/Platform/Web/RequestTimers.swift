import Metrics
import Synchronization

/// How long requests take, by method, path template and status.
///
/// Templates and statuses come from our own table, so the number of timers is bounded; methods that are not ours count as one.
final class RequestTimers: Sendable {
    private struct Key: Hashable {
        let method: Method
        let template: String
        let status: Int
    }
    private static let known: Set<Method> = [.get, .head, .put, .post, .delete, .patch]
    private let timers = Mutex<[Key: Timer]>([:])

    func record(_ method: Method, _ template: String, _ status: Int, _ took: Duration) {
        let method = Self.known.contains(method) ? method : Method(rawValue: "OTHER")
        let timer = timers.withLock { timers in
            let key = Key(method: method, template: template, status: status)
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: "dendrite_http_request",
                dimensions: [("method", method.rawValue), ("path", template), ("status", String(status))])
            timers[key] = timer
            return timer
        }
        timer.recordNanoseconds(took.nanoseconds)
    }
}

extension Duration {
    /// Whole nanoseconds, at most what an `Int64` holds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, tooMuch) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return tooMuch ? .max : sum
    }
}
