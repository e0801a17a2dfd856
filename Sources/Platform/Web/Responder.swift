import HTTPTypes
public import Logging
import Matrix
import Metrics

/// From a request to its response, apart from any connection: finds the endpoint, checks who calls, reads the body, asks
/// the handler, and gives every failure the form that Matrix has for it.
public struct Responder: Sendable {
    private let router: Router
    private let authenticator: any Authenticator
    private let translate: @Sendable (any Error) -> MatrixError?
    private let readiness: Readiness?
    private let logger: Logger
    private let timers: RequestTimers
    private let open: OpenRequests

    /// - Parameters:
    ///   - translate: what an error of the platform's (a database that is away) is to the caller; nothing when it is a bug.
    ///   - readiness: until it is ready, all but the endpoints with ``Endpoint/beforeReady()`` answer 503.
    public init(
        router: Router, authenticator: any Authenticator = NoAuthenticator(),
        translate: @escaping @Sendable (any Error) -> MatrixError? = { _ in nil }, readiness: Readiness? = nil,
        options: ServerOptions = ServerOptions(), logger: Logger
    ) {
        self.router = router
        self.authenticator = authenticator
        self.translate = translate
        self.readiness = readiness
        self.logger = logger
        timers = RequestTimers()
        open = OpenRequests(most: options.maxOpenRequestsPerUser)
    }

    /// Never throws: failure has a JSON form too.
    public func respond(to request: Request) async -> Response {
        if request.method == .options { return .empty }
        let start = ContinuousClock.now
        var template = "unrecognized"
        var response: Response
        do {
            let (endpoint, parameters) = try router.match(request.method, request.path)
            template = endpoint.path
            response = try await answer(request, by: endpoint, parameters)
        } catch {
            response = refusal(error, to: request)
        }
        note(request, template, response, took: ContinuousClock.now - start)
        return response
    }

    /// Ends the waits of parked requests, for good: the server stops.
    func wakeParked() {
        for wake in router.wakes { wake() }
    }

    private func note(_ request: Request, _ template: String, _ response: Response, took: Duration) {
        timers.record(request.method, template, response.status, took)
        logger.debug(
            "answered",
            metadata: [
                "method": "\(request.method)", "path": "\(request.path)", "query": "\(request.redactedQuery)",
                "status": "\(response.status)", "took": "\(took)", "from": "\(request.remoteAddress ?? "-")",
                "user": "\(request.caller?.userID ?? "-")",
            ])
    }

    private func answer(_ request: Request, by endpoint: Endpoint, _ parameters: Parameters) async throws -> Response {
        if let readiness, !endpoint.answersBeforeReady, !readiness.isReady { return Readiness.notYet }
        let checked = try await checked(request, by: endpoint, parameters)
        // What parks is bounded where it parks. An application service asks for many.
        guard endpoint.wake == nil, let caller = checked.caller, caller.appserviceID == nil else {
            return try await complete(checked, by: endpoint)
        }
        try open.begin(caller.userID)
        defer { open.end(caller.userID) }
        return try await complete(checked, by: endpoint)
    }

    private func complete(_ checked: Request, by endpoint: Endpoint) async throws -> Response {
        try await endpoint.respond(completed(checked, by: endpoint))
    }

    /// The request of one who may make it.
    ///
    /// Not inlined, as nothing that is over before a handler parks: whoever waits keeps all that its functions have at hand.
    @inline(never)
    private func checked(_ request: Request, by endpoint: Endpoint, _ parameters: Parameters) async throws -> Request {
        var request = request
        request.parameters = parameters
        guard !request.query.isMalformed else {
            throw MatrixError.invalidParam("The query is not percent-encoded UTF-8")
        }
        try await check(endpoint.access, &request)
        return request
    }

    /// The request with its body.
    @inline(never)
    private func completed(_ request: Request, by endpoint: Endpoint) async throws -> Request {
        var request = request
        try request.bodyStream.limit(to: endpoint.limit.bytes)
        if case .collected = endpoint.limit { request.body = try await request.bodyStream.collect() }
        if case .server = endpoint.access { request.origin = try await authenticator.origin(of: request) }
        return request
    }

    private func check(_ access: Access, _ request: inout Request) async throws {
        switch access {
        case .open, .server: break
        case .checked(let check): try check(request)
        case .optionalUser: if request.accessToken != nil { try await know(&request) }
        case .guest: try await know(&request)
        case .user:
            if try await know(&request).isGuest {
                throw MatrixError.guestAccessForbidden()
            }
        case .admin:
            if try await !know(&request).isAdmin {
                throw MatrixError.forbidden("Only an administrator of this server may do this")
            }
        case .appservice:
            if try await know(&request).appserviceID == nil {
                throw MatrixError.forbidden("Only an application service may do this")
            }
        }
    }

    @discardableResult
    private func know(_ request: inout Request) async throws -> Caller {
        guard let token = request.accessToken, !token.isEmpty else {
            throw MatrixError.missingToken()
        }
        let caller = try await authenticator.caller(for: token, request: request)
        request.caller = caller
        return caller
    }

    private func refusal(_ error: any Error, to request: Request) -> Response {
        if let error = error as? MatrixError { return .error(error) }
        if let error = translate(error) { return .error(error) }
        if error is CancellationError {
            return .error(.unavailable("The server is shutting down"))
        }
        logger.error("\(request.method) \(request.path) failed", metadata: ["error": "\(String(reflecting: error))"])
        return .error(.unknown())
    }
}

extension Request {
    /// The query as a log may have it: without the access token.
    var redactedQuery: String {
        guard rawQuery.utf8.contains(UInt8(ascii: "=")) else { return rawQuery }
        return rawQuery.split(separator: "&").map { pair in
            let name = percentDecoded(pair.prefix { $0 != "=" }.utf8, plusIsSpace: true) ?? ""
            return name.lowercased().contains("token") ? "\(name)=-" : String(pair)
        }.joined(separator: "&")
    }
}
