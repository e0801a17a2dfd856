import Matrix

/// Tells who is calling; given to the server by whoever knows.
public protocol Authenticator: Sendable {
    /// The user behind an access token, or `M_UNKNOWN_TOKEN`.
    /// The request is given for what an application service may say beside it (`user_id`, `device_id`).
    func caller(for token: String, request: Request) async throws -> Caller
    /// The name of the homeserver which signed the request.
    func origin(of request: Request) async throws -> String
}

extension Authenticator {
    public func caller(for token: String, request: Request) async throws -> Caller { throw refusal }
    public func origin(of request: Request) async throws -> String { throw refusal }
    private var refusal: MatrixError { .unauthorized("This listener knows no such callers") }
}

/// For listeners on which everything is open or checked otherwise.
public struct NoAuthenticator: Authenticator {
    public init() {}
}
