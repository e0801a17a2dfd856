import Matrix
public import Web

/// The internal listener's side of ``HTTPLink``.
extension Route {
    /// Answers this route's call by HTTP, to whoever has the cluster's token, within the time that the caller waits.
    public func endpoint(answeredBy api: API, token: ClusterToken) -> Endpoint {
        .post(InternalPath.prefix + path, .checked { try token.check($0) }, limit: .collected(InternalPath.maxBody)) {
            request -> Response in
            let call: any Call
            do { call = try decode(request.body) } catch { throw Misread(path: path, reason: "\(error)") }
            let limit = request.headers[InternalPath.deadlineHeader].flatMap { Int($0) } ?? 30_000
            do {
                let reply = try await withDeadline(.milliseconds(max(1, min(limit, InternalPath.longestMS)))) {
                    try await answer(api, call)
                }
                return try .json(reply)
            } catch let error as MatrixError {
                var response = Response.error(error)
                response.headers[InternalPath.answeredHeader] = "1"
                return response
            }
        }
    }
}

extension [Endpoint] {
    /// The endpoints of an internal listener which answers these calls.
    public init<API>(_ routes: [Route<API>], answeredBy api: API, token: ClusterToken) {
        self = routes.map { $0.endpoint(answeredBy: api, token: token) }
    }
}

/// How calls look on the wire.
enum InternalPath {
    static let prefix = "/api"
    /// How many milliseconds the caller still waits.
    static let deadlineHeader = "X-Deadline-Ms"
    /// Tells an error that is the answer from one of a listener which does not know the call.
    static let answeredHeader = "X-Answered"
    /// The most that a call or its reply may be.
    static let maxBody = 64 << 20
    /// No call is worked on for longer.
    static let longestMS = 600_000
}

/// A call that is not what the route takes: two releases disagree. It is for the log, not for the caller.
struct Misread: Error {
    let path: String
    let reason: String
}
