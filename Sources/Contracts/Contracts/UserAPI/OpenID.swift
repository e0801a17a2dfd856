import InternalAPI

// Tokens by which a user shows to somebody else who they are, and nothing more.
// [OpenID](https://spec.matrix.org/v1.19/client-server-api/#openid)

/// Keeps a token that the caller has made for a user; only its hash is stored. Sent again with the same token it is the same.
public struct CreateOpenIDToken: Call {
    public static let path = "/userapi/createOpenIDToken"
    public var userID: String
    public var token: String

    public init(userID: String, token: String) {
        self.userID = userID
        self.token = token
    }
    public static var idempotency: Idempotency { .repeatable }

    public struct Reply: Codable, Sendable, Equatable {
        public var expiresInMS: Int64
        public init(expiresInMS: Int64) { self.expiresInMS = expiresInMS }
    }
}

/// Whose token it is. Errors: M_UNKNOWN_TOKEN (unknown or too old).
public struct QueryOpenIDToken: Call {
    public static let path = "/userapi/queryOpenIDToken"
    public static var idempotency: Idempotency { .repeatable }
    public var token: String
    public init(token: String) { self.token = token }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        public init(userID: String) { self.userID = userID }
    }
}
