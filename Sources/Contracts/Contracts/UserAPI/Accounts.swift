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
    /// Gets the device a new access token when this one is too old, which it is after a while. Nil: it lasts as the device does.
    public var refreshToken: String?

    public init(
        accessToken: String, deviceID: String? = nil, displayName: String? = nil, ipAddress: String? = nil,
        userAgent: String? = nil, refreshToken: String? = nil
    ) {
        self.accessToken = accessToken
        self.deviceID = deviceID
        self.displayName = displayName
        self.ipAddress = ipAddress
        self.userAgent = userAgent
        self.refreshToken = refreshToken
    }
}

/// Makes an account of this server, and a device for it where one is given, in one transaction.
/// Sent again with the same key it answers as before. Errors: M_USER_IN_USE, M_INVALID_USERNAME, M_EXCLUSIVE;
/// M_THREEPID_IN_USE, M_THREEPID_AUTH_FAILED (the validation is unknown, too old or not done); M_FORBIDDEN (the
/// registration token is good no more, or the guest is another).
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
    /// The token that lets the user register, of which one use goes.
    public var registrationToken: String?
    /// The access token of a guest whose account becomes this one, and whose name it has.
    public var guestToken: String?

    public init(
        localpart: String?, password: String?, kind: AccountKind, isAdmin: Bool, device: NewDevice?, key: String? = nil,
        validation: String? = nil, registrationToken: String? = nil, guestToken: String? = nil
    ) {
        self.localpart = localpart
        self.password = password
        self.kind = kind
        self.isAdmin = isAdmin
        self.device = device
        self.key = key
        self.validation = validation
        self.registrationToken = registrationToken
        self.guestToken = guestToken
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        /// Of the device that was given.
        public var deviceID: String?
        /// How long the access token lasts; nil: as the device does.
        public var expiresInMS: Int64?
        public init(userID: String, deviceID: String?, expiresInMS: Int64? = nil) {
            self.userID = userID
            self.deviceID = deviceID
            self.expiresInMS = expiresInMS
        }
    }
}

/// Refuses a localpart that is taken or not allowed: M_USER_IN_USE, M_INVALID_USERNAME, M_EXCLUSIVE; M_FORBIDDEN (the guest
/// is another).
public struct QueryAccountAvailability: Call {
    public static let path = "/userapi/queryAccountAvailability"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var localpart: String
    /// The access token of a guest who may have it, if it is their own.
    public var guestToken: String?

    public init(localpart: String, guestToken: String? = nil) {
        self.localpart = localpart
        self.guestToken = guestToken
    }
}

/// Ends an account for good: nobody logs in to it, nor registers its name, and it leaves its rooms, which goes on after
/// the answer. Errors: M_NOT_FOUND (no such user).
public struct DeactivateAccount: Call {
    public static let path = "/userapi/deactivateAccount"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    /// Whether the profile and the account data go too, and what the user said is for those alone who were in the room then.
    public var erases: Bool

    public init(userID: String, erases: Bool) {
        self.userID = userID
        self.erases = erases
    }
}

/// Checks a password. Errors: M_FORBIDDEN (no such user, or not their password: not told apart), M_USER_DEACTIVATED,
/// M_USER_LOCKED.
public struct AuthenticatePassword: Call {
    public static let path = "/userapi/authenticatePassword"
    /// A localpart or a full user ID of this server.
    public var user: String
    public var password: String
    /// An address of the user's, by which they are meant instead.
    public var threePID: ThreePID?

    public init(user: String, password: String, threePID: ThreePID? = nil) {
        self.user = user
        self.password = password
        self.threePID = threePID
    }
    public static var idempotency: Idempotency { .repeatable }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        public init(userID: String) { self.userID = userID }
    }
}

/// Sets a password, and where asked logs out every device but one, in one transaction. Errors: M_NOT_FOUND (no such user),
/// M_WEAK_PASSWORD, M_THREEPID_AUTH_FAILED (the validation is used up).
public struct SetPassword: Call {
    public static let path = "/userapi/setPassword"
    public typealias Reply = Done
    public var userID: String
    public var password: String
    public var logoutDevices: Bool
    /// The device that stays logged in.
    public var keptDeviceID: String?
    /// The validation (its `sid`) by which the user was known, which is used up.
    public var validation: String?

    public init(
        userID: String, password: String, logoutDevices: Bool, keptDeviceID: String?, validation: String? = nil
    ) {
        self.userID = userID
        self.password = password
        self.logoutDevices = logoutDevices
        self.keptDeviceID = keptDeviceID
        self.validation = validation
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// How an administrator has restrained an account. Errors: M_NOT_FOUND (no such user, or deactivated).
/// [Account suspension](https://spec.matrix.org/v1.19/client-server-api/#account-suspension)
public struct QueryAccountStanding: Call {
    public static let path = "/userapi/queryAccountStanding"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public init(userID: String) { self.userID = userID }

    public struct Reply: Codable, Sendable, Equatable {
        public var isAdmin: Bool
        /// May read, and leave, and little more.
        public var isSuspended: Bool
        /// May log out, and nothing more.
        public var isLocked: Bool

        public init(isAdmin: Bool, isSuspended: Bool, isLocked: Bool) {
            self.isAdmin = isAdmin
            self.isSuspended = isSuspended
            self.isLocked = isLocked
        }
    }
}

/// Restrains an account, or no longer. Errors: M_NOT_FOUND (no such user, or deactivated).
public struct SetAccountStanding: Call {
    public static let path = "/userapi/setAccountStanding"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    /// Nil: as it is.
    public var isSuspended: Bool?
    /// Nil: as it is.
    public var isLocked: Bool?

    public init(userID: String, isSuspended: Bool? = nil, isLocked: Bool? = nil) {
        self.userID = userID
        self.isSuspended = isSuspended
        self.isLocked = isLocked
    }
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
