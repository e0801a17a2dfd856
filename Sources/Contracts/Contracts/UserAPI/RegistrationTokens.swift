import InternalAPI

// Tokens that an administrator gives out, so that only those register who have one.
// [Token-authenticated registration](https://spec.matrix.org/v1.19/client-server-api/#token-authenticated-registration)

/// A token, and how often it lets somebody register.
public struct RegistrationToken: Codable, Sendable, Equatable {
    public var token: String
    /// Nil: any number of times.
    public var usesAllowed: Int64?
    /// How often somebody has registered by it.
    public var completed: Int64
    /// When it ends, in milliseconds; nil: never.
    public var expiresTS: Int64?

    public init(token: String, usesAllowed: Int64?, completed: Int64 = 0, expiresTS: Int64?) {
        self.token = token
        self.usesAllowed = usesAllowed
        self.completed = completed
        self.expiresTS = expiresTS
    }
}

/// Makes a token. Errors: M_INVALID_PARAM (there is one of that name), M_FORBIDDEN (there are too many).
public struct CreateRegistrationToken: Call {
    public static let path = "/userapi/createRegistrationToken"
    public typealias Reply = Done
    public var token: RegistrationToken
    public init(token: RegistrationToken) { self.token = token }
}

/// Sets how often and how long a token is good. Errors: M_NOT_FOUND.
public struct UpdateRegistrationToken: Call {
    public static let path = "/userapi/updateRegistrationToken"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = RegistrationToken
    public var token: String
    /// Whether `usesAllowed` is set, also to nil.
    public var setsUsesAllowed: Bool
    public var usesAllowed: Int64?
    /// Whether `expiresTS` is set, also to nil.
    public var setsExpiry: Bool
    public var expiresTS: Int64?

    public init(token: String, setsUsesAllowed: Bool, usesAllowed: Int64?, setsExpiry: Bool, expiresTS: Int64?) {
        self.token = token
        self.setsUsesAllowed = setsUsesAllowed
        self.usesAllowed = usesAllowed
        self.setsExpiry = setsExpiry
        self.expiresTS = expiresTS
    }
}

/// Takes a token out of use. Errors: M_NOT_FOUND.
public struct DeleteRegistrationToken: Call {
    public static let path = "/userapi/deleteRegistrationToken"
    public typealias Reply = Done
    public var token: String
    public init(token: String) { self.token = token }
}

/// The tokens, or the one named; all, or those that are good now, or that are not.
public struct QueryRegistrationTokens: Call {
    public static let path = "/userapi/queryRegistrationTokens"
    public static var idempotency: Idempotency { .repeatable }
    public var token: String?
    public var isValid: Bool?

    public init(token: String? = nil, isValid: Bool? = nil) {
        self.token = token
        self.isValid = isValid
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var tokens: [RegistrationToken]
        public init(tokens: [RegistrationToken]) { self.tokens = tokens }
    }
}
