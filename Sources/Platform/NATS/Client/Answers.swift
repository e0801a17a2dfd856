import Synchronization

/// Something to be asked: a message whose reply goes to whoever sent it.
public struct Question: Sendable {
    public var payload: [UInt8]
    public var subject: String
    public var headers: Headers

    public init(payload: [UInt8], subject: String, headers: Headers = [:]) {
        self.payload = payload
        self.subject = subject
        self.headers = headers
    }
}

/// The answers that one task waits for.
///
/// ``ids`` and ``deadline`` are the client's, and touched only while it holds its lock.
final class Answers: @unchecked Sendable {
    private struct State {
        var answers: [NATSMessage?]
        var left: Int
        var continuation: CheckedContinuation<[NATSMessage], any Error>?
    }

    var ids: [UInt64] = []
    var deadline: UInt64?
    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(answers: Array(repeating: nil, count: count), left: count))
    }

    func wait(_ continuation: CheckedContinuation<[NATSMessage], any Error>) {
        state.withLock { $0.continuation = continuation }
    }

    /// Takes an answer in; true when it was the last, and the task goes on.
    func take(_ message: NATSMessage, at index: Int) -> Bool {
        let done = state.withLock { state -> [NATSMessage]? in
            guard state.answers.indices.contains(index), state.answers[index] == nil else { return nil }
            state.answers[index] = message
            state.left -= 1
            return state.left == 0 ? state.answers.compactMap(\.self) : nil
        }
        if let done { end(.success(done)) }
        return done != nil
    }

    /// Lets the task go on, once.
    func end(_ result: Result<[NATSMessage], any Error>) {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(with: result)
    }
}
