import Matrix
import Web

extension Endpoint {
    /// The same endpoint, used no more often than the limiter lets a device, or without one an address.
    /// [Rate limiting](https://spec.matrix.org/v1.19/client-server-api/#rate-limiting)
    func limited(by limiter: RateLimiter) -> Endpoint {
        var limited = self
        limited.respond = { [respond] request in
            if let key = request.limitKey, let delay = limiter.delay(for: key) { return try .tooMany(retryAfterMS: delay) }
            return try await respond(request)
        }
        return limited
    }
}

extension Request {
    fileprivate var limitKey: String? {
        if let caller { return "\(caller.userID) \(caller.deviceID ?? "")" }
        return remoteAddress
    }
}

extension Response {
    fileprivate static func tooMany(retryAfterMS: Int64) throws -> Response {
        let error = MatrixError.limitExceeded(retryAfterMS: retryAfterMS)
        var response = Response.json(bytes: error.body.serialized(), status: error.status)
        response.headers["Retry-After"] = "\((retryAfterMS + 999) / 1000)"
        return response
    }
}
