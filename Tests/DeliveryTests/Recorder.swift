import Delivery
import Synchronization

/// A bus that only remembers what was published, in order, and can be waited on.
final class Recorder: Sendable {
    private struct State {
        var entries: [OutboxEntry] = []
        var waiters: [(isTrue: @Sendable ([OutboxEntry]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var entries: [OutboxEntry] { state.withLock { $0.entries } }

    func record(_ entry: OutboxEntry) {
        let ready = state.withLock { state in
            state.entries.append(entry)
            let ready = state.waiters.filter { $0.isTrue(state.entries) }
            state.waiters.removeAll { $0.isTrue(state.entries) }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func wait(until isTrue: @escaping @Sendable ([OutboxEntry]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if isTrue(state.entries) { return true }
                state.waiters.append((isTrue, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// What a listener with a cursor would have applied of a key, and whether it met a gap.
    func applied(_ key: String) -> (numbers: [Int64], sawGap: Bool) {
        var numbers: [Int64] = [], sawGap = false
        for entry in entries where entry.key == key {
            let cursor = numbers.last ?? 0
            if entry.seq == cursor + 1 { numbers.append(entry.seq) } else if entry.seq > cursor { sawGap = true }
        }
        return (numbers, sawGap)
    }
}
