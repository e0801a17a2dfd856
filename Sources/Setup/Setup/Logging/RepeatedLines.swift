import Logging
import Synchronization

/// Keeps what goes wrong again and again from flooding the log: of warnings and errors that are alike, a few a minute are
/// written, and the next one says how many were not.
final class RepeatedLines: Sendable {
    /// What makes lines alike: where they come from, what they say, and the error that they give.
    struct Likeness: Hashable, Sendable {
        var level: Logger.Level
        var label: String
        var message: String
        var reason: String?
    }

    private struct Seen {
        var since: ContinuousClock.Instant
        var written = 0
        var left = 0
    }

    private static let mostKinds = 1_000
    private let aMinute: Int
    private let seen = Mutex<[Likeness: Seen]>([:])

    init(aMinute: Int = 5) { self.aMinute = aMinute }

    /// Nil where the line is not to be written; otherwise how many like it were left out before.
    func admit(_ line: Likeness, at now: ContinuousClock.Instant = .now) -> Int? {
        seen.withLock { seen in
            var one = seen[line] ?? Seen(since: now)
            var left = 0
            if now - one.since >= .seconds(60) {
                left = one.left
                one = Seen(since: now)
            }
            let isWritten = one.written < aMinute
            if isWritten { one.written += 1 } else { one.left += 1 }
            if seen.count >= Self.mostKinds, seen[line] == nil { seen = seen.filter { now - $0.value.since < .seconds(60) } }
            if seen.count < Self.mostKinds || seen[line] != nil { seen[line] = one }
            return isWritten ? left : nil
        }
    }
}
