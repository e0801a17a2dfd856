import Synchronization

/// Wake-ups within a process. A slow listener loses the oldest.
final class SignalHub: Sendable {
    private static let limit = 1_024

    private struct State {
        var listeners: [String: [UInt64: AsyncStream<[UInt8]>.Continuation]] = [:]
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())

    func signal(_ subject: String, _ bytes: [UInt8]) {
        for listener in state.withLock({ Array(($0.listeners[subject] ?? [:]).values) }) { listener.yield(bytes) }
    }

    func signals(_ subject: String) -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingNewest(Self.limit))
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
