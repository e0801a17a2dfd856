import Synchronization

/// The keys that wait to be published, each once however often it is nudged, and each by one task at a time.
///
/// When it is full, nudges are forgotten: the sweeper finds what they were for.
final class NudgedKeys: Sendable {
    private struct State {
        var queued: Set<OutboxKey> = []
        var busy: Set<OutboxKey> = []
        var again: Set<OutboxKey> = []
        /// What the nudges brought along, so that it need not be read back.
        var fresh: [OutboxKey: [OutboxEntry]] = [:]
        var freshCount = 0

        /// All of what is new of a key is kept, or nothing of it, and then the database is asked.
        mutating func keep(_ entries: [OutboxEntry], for key: OutboxKey, limit: Int) {
            if entries.isEmpty || freshCount + entries.count > limit {
                _ = takeFresh(key)
            } else {
                fresh[key, default: []] += entries
                freshCount += entries.count
            }
        }

        mutating func takeFresh(_ key: OutboxKey) -> [OutboxEntry] {
            let entries = fresh.removeValue(forKey: key) ?? []
            freshCount -= entries.count
            return entries
        }
    }

    private let state = Mutex(State())
    private let limit: Int
    private let continuation: AsyncStream<OutboxKey>.Continuation
    let stream: AsyncStream<OutboxKey>

    init(limit: Int) {
        self.limit = limit
        // Bounded by `queued`: a key is in it at most once.
        (stream, continuation) = AsyncStream.makeStream()
    }

    func nudge(_ key: OutboxKey, with entries: [OutboxEntry] = []) {
        let isNew = state.withLock { state in
            guard state.busy.contains(key) || state.queued.contains(key) || state.queued.count < limit else { return false }
            state.keep(entries, for: key, limit: limit)
            guard !state.busy.contains(key) else {
                state.again.insert(key)
                return false
            }
            return state.queued.insert(key).inserted
        }
        if isNew { continuation.yield(key) }
    }

    /// The key's turn has come; what was brought along for it, in order.
    func begin(_ key: OutboxKey) -> [OutboxEntry] {
        state.withLock { state in
            state.queued.remove(key)
            state.busy.insert(key)
            return state.takeFresh(key).sorted { $0.seq < $1.seq }
        }
    }

    func end(_ key: OutboxKey) {
        let again = state.withLock { state in
            state.busy.remove(key)
            guard state.again.remove(key) != nil else { return false }
            return state.queued.insert(key).inserted
        }
        if again { continuation.yield(key) }
    }
}
