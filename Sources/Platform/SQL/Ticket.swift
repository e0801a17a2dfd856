import Synchronization

/// A place in the queue for a connection: it can be given up until its turn comes, and is answered exactly once.
final class Ticket<Value: Sendable>: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Value, any Error>)
        case running(CheckedContinuation<Value, any Error>)
        case abandoned(any Error)
        case answered
    }

    private let state = Mutex(State.new)

    /// Suspends the caller until the ticket is answered or given up, which the cancellation of its task does.
    func answer(afterSubmitting submit: () throws -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let given: (any Error)? = state.withLock { state in
                    if case .abandoned(let error) = state {
                        state = .answered
                        return error
                    }
                    state = .waiting(continuation)
                    return nil
                }
                if let given { return continuation.resume(throwing: given) }
                do {
                    try submit()
                } catch {
                    abandon(error)
                }
            }
        } onCancel: {
            abandon(CancellationError())
        }
    }

    /// The turn has come. False where the ticket was given up.
    func begin() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .running(continuation)
            return true
        }
    }

    /// Gives the ticket up, unless its turn has come.
    func abandon(_ error: any Error) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .new:
                state = .abandoned(error)
                return nil
            case .waiting(let continuation):
                state = .answered
                return continuation
            case .running, .abandoned, .answered: return nil
            }
        }
        continuation?.resume(throwing: error)
    }

    /// Answers, once its turn has come.
    func finish(_ result: Result<Value, any Error>) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
            guard case .running(let continuation) = state else { return nil }
            state = .answered
            return continuation
        }
        continuation?.resume(with: result)
    }

    var isWaiting: Bool {
        state.withLock { if case .waiting = $0 { true } else { false } }
    }
}
