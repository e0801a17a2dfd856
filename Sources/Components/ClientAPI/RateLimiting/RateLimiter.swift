import Matrix
import Synchronization
import Web

/// Refuses a user, or an address, that asks an endpoint too often. A replica's own: N of them allow N times as much.
final class RateLimiter: Sendable {
    private let limits: ClientAPIConfig.RateLimiting
    private let now: @Sendable () -> ContinuousClock.Instant
    /// When each key last asked, oldest first.
    private let recent = Mutex<[String: [ContinuousClock.Instant]]>([:])
    /// With more keys than this, those at rest are forgotten, and if none is, all.
    private static let mostKeys = 20_000

    init(
        _ limits: ClientAPIConfig.RateLimiting, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.limits = limits
        self.now = now
    }

    /// Milliseconds to wait for, where the user has asked an endpoint too often.
    func delay(forUser userID: String, at path: String) -> Int64? {
        limits.exemptUserIDs.contains(userID) ? nil : delay(for: "\(userID) \(path)")
    }

    /// The same for an address. Whoever has one of IPv6 has more of them than anybody counts: all that begin alike are one.
    func delay(forAddress address: String, at path: String) -> Int64? {
        delay(for: "\(IPAddress(address)?.household ?? address) \(path)")
    }

    /// Milliseconds to wait for, where the key has asked too often.
    func delay(for key: String) -> Int64? {
        guard limits.isEnabled, limits.threshold > 0 else { return nil }
        let now = now()
        let start = now - .milliseconds(limits.cooloffMS)
        return recent.withLock { recent in
            var times = recent[key, default: []]
            times.removeAll { $0 <= start }
            if times.count >= limits.threshold, let first = times.first {
                recent[key] = times
                return max(1, (first - start).inMilliseconds)
            }
            if recent.count >= Self.mostKeys {
                recent = recent.filter { $0.value.last.map { $0 > start } ?? false }
                if recent.count >= Self.mostKeys { recent = [:] }
            }
            recent[key] = times + [now]
            return nil
        }
    }
}

extension Duration {
    fileprivate var inMilliseconds: Int64 {
        components.seconds * 1000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
