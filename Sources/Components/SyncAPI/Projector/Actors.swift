import Synchronization

/// Who did something lately, so that it need not be written each time.
final class Actors: Sendable {
    private let last = Mutex<[String: ContinuousClock.Instant]>([:])
    private static let most = 10_000
    /// So long what somebody does is not written again.
    private static let rest = Duration.seconds(30)

    /// Those who do these things, and have not done anything for a while.
    func take(_ items: [Projection], now: ContinuousClock.Instant = .now) -> [String] {
        let acting = Set(items.compactMap(\.actor))
        if acting.isEmpty { return [] }
        return last.withLock { last in
            if last.count > Self.most { last = last.filter { now - $0.value < Self.rest } }
            if last.count > Self.most { last = [:] }
            return acting.filter { userID in
                if let before = last[userID], now - before < Self.rest { return false }
                last[userID] = now
                return true
            }
        }
    }
}
