import InternalAPI

// Tokens by which a user who is logged in logs another client in.
// [Token-based login](https://spec.matrix.org/v1.19/client-server-api/#token-based)

/// Keeps a token that the caller has made for a user; only its hash is stored. Errors: M_NOT_FOUND (no such user).
public struct CreateLoginToken: Call {
    public static let path = "/userapi/createLoginToken"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var token: String

    public init(userID: String, token: String) {
        self.userID = userID
        self.token = token
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var expiresInMS: Int64
        public init(expiresInMS: Int64) { self.expiresInMS = expiresInMS }
    }
}

/// Uses a token up. Errors: M_FORBIDDEN (unknown, used or too old).
public struct SpendLoginToken: Call {
    public static let path = "/userapi/spendLoginToken"
    public var token: String
    public init(token: String) { self.token = token }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        public init(userID: String) { self.userID = userID }
    }
}
