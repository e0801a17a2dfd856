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
