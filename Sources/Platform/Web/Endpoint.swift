/// A method, a path, who may call it, how much it takes, and what answers: a row of a table that reads like the specification.
///
/// A path is made of segments: literal, `{name}` (exactly one segment, which may be empty only when it is the last), or
/// alternatives `(r0|v3)`. A path that ends in `/` is another path than the one that does not.
public struct Endpoint: Sendable {
    public typealias Handler<Reply> = @Sendable (Request) async throws -> Reply

    public var method: Method
    public var path: String
    public var access: Access
    public var limit: BodyLimit
    public var respond: Handler<Response>
    /// Ends the waits of a handler that parks.
    private(set) var wake: (@Sendable () -> Void)?
    private(set) var answersBeforeReady = false

    public init(
        _ method: Method, _ path: String, _ access: Access, limit: BodyLimit = .json, _ respond: @escaping Handler<Response>
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.limit = limit
        self.respond = respond
    }

    /// An endpoint whose reply is sent as JSON with status 200.
    public init<R: Encodable & Sendable>(
        _ method: Method, _ path: String, _ access: Access, limit: BodyLimit = .json, _ reply: @escaping Handler<R>
    ) {
        self.init(method, path, access, limit: limit) { try .json(await reply($0)) }
    }

    /// For handlers that park. When the server is asked to stop, `wake` is called once: it ends every wait, and every one to
    /// come; what the handlers then return is sent.
    public func parks(wake: @escaping @Sendable () -> Void) -> Self {
        var endpoint = self
        endpoint.wake = wake
        return endpoint
    }

    /// For what a listener answers also while its process cannot serve yet.
    public func beforeReady() -> Self {
        var endpoint = self
        endpoint.answersBeforeReady = true
        return endpoint
    }
}

extension Endpoint {
    public static func get(
        _ path: String, _ access: Access, limit: BodyLimit = .small, _ respond: @escaping Handler<Response>
    ) -> Self {
        Self(.get, path, access, limit: limit, respond)
    }
    public static func get<R: Encodable & Sendable>(
        _ path: String, _ access: Access, limit: BodyLimit = .small, _ reply: @escaping Handler<R>
    ) -> Self {
        Self(.get, path, access, limit: limit, reply)
    }
    public static func put(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ respond: @escaping Handler<Response>
    ) -> Self {
        Self(.put, path, access, limit: limit, respond)
    }
    public static func put<R: Encodable & Sendable>(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ reply: @escaping Handler<R>
    ) -> Self {
        Self(.put, path, access, limit: limit, reply)
    }
    public static func post(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ respond: @escaping Handler<Response>
    ) -> Self {
        Self(.post, path, access, limit: limit, respond)
    }
    public static func post<R: Encodable & Sendable>(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ reply: @escaping Handler<R>
    ) -> Self {
        Self(.post, path, access, limit: limit, reply)
    }
    public static func delete(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ respond: @escaping Handler<Response>
    ) -> Self {
        Self(.delete, path, access, limit: limit, respond)
    }
    public static func delete<R: Encodable & Sendable>(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ reply: @escaping Handler<R>
    ) -> Self {
        Self(.delete, path, access, limit: limit, reply)
    }
    public static func patch(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ respond: @escaping Handler<Response>
    ) -> Self {
        Self(.patch, path, access, limit: limit, respond)
    }
    public static func patch<R: Encodable & Sendable>(
        _ path: String, _ access: Access, limit: BodyLimit = .json, _ reply: @escaping Handler<R>
    ) -> Self {
        Self(.patch, path, access, limit: limit, reply)
    }
    public static func options(
        _ path: String, _ access: Access, limit: BodyLimit = .small, _ respond: @escaping Handler<Response>
    ) -> Self {
        Self(.options, path, access, limit: limit, respond)
    }
    public static func options<R: Encodable & Sendable>(
        _ path: String, _ access: Access, limit: BodyLimit = .small, _ reply: @escaping Handler<R>
    ) -> Self {
        Self(.options, path, access, limit: limit, reply)
    }
}
