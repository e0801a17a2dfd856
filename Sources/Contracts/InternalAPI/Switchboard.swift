public import Logging
public import Matrix
import Synchronization

/// The monolith's link: hands the call, as it is, to whoever was connected.
///
/// Components are connected after they are made, so they may depend on each other in a ring.
/// It refuses as ``HTTPLink`` does: by ``MatrixError``, with deadlines, and with nothing internal in what the caller is told.
public final class Switchboard: Link {
    private typealias Answer = @Sendable (any Call) async throws -> any Sendable
    private let answers = Mutex<[String: Answer]>([:])
    private let translate: @Sendable (any Error) -> MatrixError?
    private let logger: Logger

    /// `translate` says what an error of the platform's (a database that is away) is to the caller; nothing when it is a bug.
    public init(translate: @escaping @Sendable (any Error) -> MatrixError? = { _ in nil }, logger: Logger) {
        self.translate = translate
        self.logger = logger
    }

    public func connect<API>(_ routes: [Route<API>], to api: API) {
        answers.withLock { answers in
            for route in routes {
                let previous = answers.updateValue({ try await route.answer(api, $0) }, forKey: route.path)
                precondition(previous == nil, "\(route.path) is connected twice")
            }
        }
    }

    public func call<C: Call>(_ call: C) async throws -> C.Reply {
        guard let answer = answers.withLock({ $0[C.path] }) else { throw MatrixError.unreachable }
        do {
            let reply = try await withDeadline(C.timeout) { try await answer(call) }
            guard let reply = reply as? C.Reply else { throw MatrixError.lost }
            return reply
        } catch let error as MatrixError {
            throw error
        } catch {
            if let error = translate(error) { throw error }
            if error is CancellationError { throw error }
            logger.error("\(C.path) failed", metadata: ["error": "\(String(reflecting: error))"])
            throw MatrixError.hidden
        }
    }
}
