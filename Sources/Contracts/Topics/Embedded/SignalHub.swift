import Synchronization

/// Wake-ups within a process. A slow listener loses the oldest.
final class SignalHub<Signal: Sendable>: Sendable {
    private struct State {
        var listeners: [String: [UInt64: AsyncStream<Signal>.Continuation]] = [:]
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many signals wait for a listener.
    init(limit: Int) { self.limit = limit }

    func signal(_ subject: String, _ signal: Signal) {
        for listener in state.withLock({ Array(($0.listeners[subject] ?? [:]).values) }) { listener.yield(signal) }
    }

    func signals(_ subject: String) -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream<Signal>.makeStream(bufferingPolicy: .bufferingNewest(limit))
        let id = state.withLock { state in
            state.nextID += 1
            state.listeners[subject, default: [:]][state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { _ in
            self.state.withLock { _ = $0.listeners[subject]?.removeValue(forKey: id) }
        }
        return stream
    }
}
