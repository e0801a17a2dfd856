import NIOCore
import NIOHTTP1
import Synchronization

/// A request to a peer and whoever waits for its answer, which comes once, be it the peer's or that time is up.
final class PeerCall: Sendable {
    private struct State {
        var continuation: CheckedContinuation<PeerClient.Reply, any Error>?
        var early: Result<PeerClient.Reply, any Error>?
        var isDone = false
        /// Where it is under way.
        var connection: PeerConnection?
    }

    let head: HTTPRequestHead
    let body: ByteBuffer
    let maxResponseBytes: Int
    private let state = Mutex(State())

    init(head: HTTPRequestHead, body: ByteBuffer, maxResponseBytes: Int) {
        self.head = head
        self.body = body
        self.maxResponseBytes = maxResponseBytes
    }

    var isDone: Bool { state.withLock { $0.isDone } }

    func begin(_ continuation: CheckedContinuation<PeerClient.Reply, any Error>) {
        let early = state.withLock { state in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { continuation.resume(with: early) }
    }

    /// Whether it goes out on this connection; false when nobody waits for its answer any more.
    func goesOut(on connection: PeerConnection) -> Bool {
        state.withLock { state in
            guard !state.isDone else { return false }
            state.connection = connection
            return true
        }
    }

    /// It did not go out after all.
    func comesBack() { state.withLock { $0.connection = nil } }

    /// Answers whoever waits. A connection on which the peer's answer is still to come is closed.
    func end(_ result: Result<PeerClient.Reply, any Error>, isAnswered: Bool = false) {
        let (continuation, connection) = state.withLock {
            state -> (CheckedContinuation<PeerClient.Reply, any Error>?, PeerConnection?) in
            guard !state.isDone else { return (nil, nil) }
            state.isDone = true
            if state.continuation == nil { state.early = result }
            defer {
                state.continuation = nil
                state.connection = nil
            }
            return (state.continuation, state.connection)
        }
        continuation?.resume(with: result)
        if !isAnswered { connection?.close() }
    }
}
