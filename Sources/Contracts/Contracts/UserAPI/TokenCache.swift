import Topics
import Web

/// Callers by their access tokens, believed for a while; of too many the longest unused go.
///
/// Two halves: what is used moves to the young one, and when that is full the old one is let go.
struct TokenCache {
    private struct Entry {
        var caller: Caller
        var asked: ContinuousClock.Instant
    }

    private struct Half {
        var entries: [String: Entry] = [:]
        var tokens: [String: [String]] = [:]

        mutating func insert(_ entry: Entry, of token: String) {
            if entries.updateValue(entry, forKey: token) == nil { tokens[entry.caller.userID, default: []].append(token) }
        }

        mutating func remove(_ token: String) {
            guard let userID = entries.removeValue(forKey: token)?.caller.userID else { return }
            tokens[userID]?.removeAll { $0 == token }
            if tokens[userID]?.isEmpty == true { tokens[userID] = nil }
        }

        mutating func drop(_ gone: DevicesGone) {
            for token in tokens[gone.userID] ?? [] {
                guard let caller = entries[token]?.caller else { continue }
                let isGone = gone.deviceIDs.map { ids in caller.deviceID.map(ids.contains) ?? false } ?? true
                if isGone { remove(token) }
            }
        }
    }

    private var young = Half()
    private var old = Half()
    private let halfCapacity: Int
    private let age: Duration
    /// Rises when something is dropped: what was asked before must not be kept after.
    private(set) var generation = 0

    init(capacity: Int, age: Duration) {
        halfCapacity = max(1, capacity / 2)
        self.age = age
    }

    var count: Int { young.entries.count + old.entries.count }

    mutating func caller(of token: String, at now: ContinuousClock.Instant) -> Caller? {
        guard let entry = young.entries[token] ?? old.entries[token] else { return nil }
        guard now - entry.asked < age else {
            young.remove(token)
            old.remove(token)
            return nil
        }
        if young.entries[token] == nil {
            old.remove(token)
            keep(entry, of: token)
        }
        return entry.caller
    }

    mutating func insert(
        _ caller: Caller, of token: String, at asked: ContinuousClock.Instant, ifStill generation: Int
    ) {
        guard generation == self.generation else { return }
        old.remove(token)
        young.remove(token)
        keep(Entry(caller: caller, asked: asked), of: token)
    }

    mutating func drop(_ gone: DevicesGone) {
        generation += 1
        young.drop(gone)
        old.drop(gone)
    }

    private mutating func keep(_ entry: Entry, of token: String) {
        if young.entries.count >= halfCapacity {
            old = young
            young = Half()
        }
        young.insert(entry, of: token)
    }
}
