import InternalAPI

/// What an account is for.
public enum AccountKind: String, Codable, Sendable { case user, guest, appservice }

/// A device to log in, with the access token that the caller has made for it: only its hash is stored, so that the
/// request may be sent again and nothing in a database or log opens the account.
public struct NewDevice: Codable, Sendable, Equatable {
    public var accessToken: String
    /// Nil: a new one is made from the token. An existing device of the user gets the new token; its old one ends.
    public var deviceID: String?
    public var displayName: String?
    public var ipAddress: String?
    public var userAgent: String?

    public init(
        accessToken: String, deviceID: String? = nil, displayName: String? = nil, ipAddress: String? = nil,
        userAgent: String? = nil
    ) {
        self.accessToken = accessToken
        self.deviceID = deviceID
        self.displayName = displayName
        self.ipAddress = ipAddress
        self.userAgent = userAgent
    }
}

/// Makes an account of this server, and a device for it where one is given, in one transaction.
/// Sent again with the same key it answers as before. Errors: M_USER_IN_USE, M_INVALID_USERNAME, M_EXCLUSIVE;
/// M_THREEPID_IN_USE, M_THREEPID_AUTH_FAILED (the validation is unknown, too old or not done).
public struct RegisterAccount: Call {
    public static let path = "/userapi/registerAccount"
    public static var idempotency: Idempotency { .keyed }
    /// Nil: the userapi chooses a number.
    public var localpart: String?
    /// In the clear; hashed by bcrypt. Nil: the account has none (guests, application services).
    public var password: String?
    public var kind: AccountKind
    public var isAdmin: Bool
    public var device: NewDevice?
    /// A secret that names this registration. Nil: the device's access token.
    public var key: String?
    /// The validation (its `sid`) of an address that is to belong to the account.
    public var validation: String?

    public init(
        localpart: String?, password: String?, kind: AccountKind, isAdmin: Bool, device: NewDevice?, key: String? = nil,
        validation: String? = nil
    ) {
        self.localpart = localpart
        self.password = password
        self.kind = kind
        self.isAdmin = isAdmin
        self.device = device
        self.key = key
        self.validation = validation
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        /// Of the device that was given.
        public var deviceID: String?
        public init(userID: String, deviceID: String?) {
            self.userID = userID
            self.deviceID = deviceID
        }
    }
}

/// Refuses a localpart that is taken or not allowed: M_USER_IN_USE, M_INVALID_USERNAME, M_EXCLUSIVE.
public struct QueryAccountAvailability: Call {
    public static let path = "/userapi/queryAccountAvailability"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var localpart: String
    public init(localpart: String) { self.localpart = localpart }
}

/// Checks a password. Errors: M_FORBIDDEN (no such user, or not their password: not told apart), M_USER_DEACTIVATED.
public struct AuthenticatePassword: Call {
    public static let path = "/userapi/authenticatePassword"
    /// A localpart or a full user ID of this server.
    public var user: String
    public var password: String

    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }
    public static var idempotency: Idempotency { .repeatable }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        public init(userID: String) { self.userID = userID }
    }
}

/// Sets a password, and where asked logs out every device but one, in one transaction.
public struct SetPassword: Call {
    public static let path = "/userapi/setPassword"
    public typealias Reply = Done
    public var userID: String
    public var password: String
    public var logoutDevices: Bool
    /// The device that stays logged in.
    public var keptDeviceID: String?

    public init(userID: String, password: String, logoutDevices: Bool, keptDeviceID: String?) {
        self.userID = userID
        self.password = password
        self.logoutDevices = logoutDevices
        self.keptDeviceID = keptDeviceID
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// A nonce for registration by the shared secret. It lasts a minute.
public struct CreateRegistrationNonce: Call {
    public static let path = "/userapi/createRegistrationNonce"
    public init() {}

    public struct Reply: Codable, Sendable, Equatable {
        public var nonce: String
        public init(nonce: String) { self.nonce = nonce }
    }
}

/// Uses a nonce up. Errors: M_UNKNOWN 400 (unknown, used or too old).
public struct SpendRegistrationNonce: Call {
    public static let path = "/userapi/spendRegistrationNonce"
    public typealias Reply = Done
    public var nonce: String
    public init(nonce: String) { self.nonce = nonce }
}
