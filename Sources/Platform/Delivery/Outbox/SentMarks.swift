import Synchronization

/// How far this process has published each key, and what of that is not yet in the database.
final class SentMarks: Sendable {
    private struct State {
        var last: [OutboxKey: Int64] = [:]
        var unwritten: [OutboxKey: Int64] = [:]
    }

    private let state = Mutex(State())
    private let limit = 20_000
    private let continuation: AsyncStream<Void>.Continuation
    /// An element where there is something to write.
    let changes: AsyncStream<Void>

    init() { (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// The last number this process has published, if it remembers.
    func last(of key: OutboxKey) -> Int64? {
        state.withLock { $0.last[key] }
    }

    func sent(_ seq: Int64, of key: OutboxKey) {
        let isFirst = state.withLock { state in
            // The database has what is forgotten, but for what is not yet written.
            if state.last.count >= limit { state.last = state.unwritten }
            state.last[key] = seq
            defer { state.unwritten[key] = max(seq, state.unwritten[key] ?? 0) }
            return state.unwritten.isEmpty
        }
        if isFirst { continuation.yield() }
    }

    func take() -> [OutboxKey: Int64] {
        state.withLock { state in
            defer { state.unwritten = [:] }
            return state.unwritten
        }
    }

    func giveBack(_ sent: [OutboxKey: Int64]) {
        state.withLock { $0.unwritten.merge(sent, uniquingKeysWith: max) }
        continuation.yield()
    }
}
