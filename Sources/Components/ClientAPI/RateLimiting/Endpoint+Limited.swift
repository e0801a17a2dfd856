import Matrix
import Web

extension Endpoint {
    /// The same endpoint, used no more often than the limiter lets a user, or where nobody is known an address.
    /// [Rate limiting](https://spec.matrix.org/v1.19/client-server-api/#rate-limiting)
    func limited(by limiter: RateLimiter) -> Endpoint {
        var limited = self
        limited.respond = { [respond, path] request in
            if let user = request.caller?.userID {
                if let delay = limiter.delay(forUser: user, at: path) { throw MatrixError.limitExceeded(retryAfterMS: delay) }
            } else if let address = request.remoteAddress {
                if let delay = limiter.delay(forAddress: address, at: path) { throw MatrixError.limitExceeded(retryAfterMS: delay) }
            }
            return try await respond(request)
        }
        return limited
    }
}

extension ClientAPI {
    /// What the specification has limited among the endpoints of rooms: what others are bothered by, or what costs.
    private static let limited: Set<String> = [
        "POST /rooms/{roomId}/invite", "POST /rooms/{roomId}/join", "POST /join/{roomIdOrAlias}", "POST /knock/{roomIdOrAlias}",
        "POST /rooms/{roomId}/leave", "POST /rooms/{roomId}/forget", "POST /rooms/{roomId}/report",
        "POST /rooms/{roomId}/report/{eventId}", "POST /users/{userId}/report", "POST /user_directory/search",
    ]

    func limitedAsSpecified(_ endpoint: Endpoint) -> Endpoint {
        let path = endpoint.path.replacing("/_matrix/client/(r0|v3)", with: "").replacing("/_matrix/client/v3", with: "")
        return Self.limited.contains("\(endpoint.method) \(path)") ? endpoint.limited(by: limiter) : endpoint
    }
}
