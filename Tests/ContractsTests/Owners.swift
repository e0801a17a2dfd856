import Contracts
import InternalAPI
import Matrix
import Synchronization
import Topics

/// A userapi to which every token `x` is `@x:test`'s, and which remembers what it was asked.
final class Owners: Link {
    private struct State {
        var asked: [String] = []
        var forgotten: Set<String> = []
        var whileAsked: (@Sendable () -> Void)?
        var gate: AsyncStream<Void>?
    }
    private let state = Mutex(State())

    var asked: [String] { state.withLock { $0.asked } }
    func forget(_ token: String) { state.withLock { _ = $0.forgotten.insert(token) } }
    func know(_ token: String) { state.withLock { _ = $0.forgotten.remove(token) } }
    func whileAsked(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.whileAsked = body } }
    func wait(for gate: AsyncStream<Void>) { state.withLock { $0.gate = gate } }

    func call<C: Call>(_ call: C) async throws -> C.Reply {
        guard let query = call as? QueryAccessToken else { throw MatrixError.unrecognized() }
        let (isForgotten, whileAsked, gate) = state.withLock { state in
            state.asked.append(query.token)
            return (state.forgotten.contains(query.token), state.whileAsked, state.gate)
        }
        whileAsked?()
        if let gate { for await _ in gate {} }
        if isForgotten { throw MatrixError.unknownToken() }
        let owner = QueryAccessToken.Reply(userID: "@\(query.token):test", deviceID: "DEVICE", kind: .user, isAdmin: false)
        guard let reply = owner as? C.Reply else { throw MatrixError.unrecognized() }
        return reply
    }
}

/// A bus that carries signals only.
final class SignalBus: Bus {
    private let signals = AsyncStream<[UInt8]>.makeStream()

    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {}
    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {}
    func signal(_ subject: String, _ bytes: [UInt8]) async { signals.continuation.yield(bytes) }
    func signals(_ subject: String) -> AsyncStream<[UInt8]> { signals.stream }
    var reconnections: AsyncStream<Void> { AsyncStream { $0.finish() } }
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
