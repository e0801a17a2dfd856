import InternalAPI
import Matrix

/// Signs a request to another server with this server's key, which only the components that sign have.
/// [Request authentication](https://spec.matrix.org/v1.19/server-server-api/#request-authentication)
public struct SignRequest: Call {
    public static let path = "/roomserver/signRequest"
    public static var idempotency: Idempotency { .repeatable }
    public var method: String
    /// The path with its query.
    public var uri: String
    public var destination: String
    /// The body; nil: there is none.
    public var content: RawJSON?

    public init(method: String, uri: String, destination: String, content: RawJSON?) {
        self.method = method
        self.uri = uri
        self.destination = destination
        self.content = content
    }

    public struct Reply: Codable, Sendable, Equatable {
        /// The value of the header `Authorization`.
        public var authorization: String
        public init(authorization: String) { self.authorization = authorization }
    }
}
