import InternalAPI

/// Logs a device in: makes it, or gives an existing one of the user a new token. Sent again with the same token it
/// answers as before.
public struct CreateDevice: Call {
    public static let path = "/userapi/createDevice"
    public var userID: String
    public var device: NewDevice

    public init(userID: String, device: NewDevice) {
        self.userID = userID
        self.device = device
    }
    public static var idempotency: Idempotency { .repeatable }

    public struct Reply: Codable, Sendable, Equatable {
        public var deviceID: String
        /// How long the access token lasts; nil: as the device does.
        public var expiresInMS: Int64?
        public init(deviceID: String, expiresInMS: Int64? = nil) {
            self.deviceID = deviceID
            self.expiresInMS = expiresInMS
        }
    }
}

/// Gives a device new tokens, which the caller has made, for its refresh token. The old ones are good until one of the new
/// ones is used. Errors: M_UNKNOWN_TOKEN.
/// [Refreshing access tokens](https://spec.matrix.org/v1.19/client-server-api/#refreshing-access-tokens)
public struct RefreshAccessToken: Call {
    public static let path = "/userapi/refreshAccessToken"
    public static var idempotency: Idempotency { .repeatable }
    public var refreshToken: String
    public var newAccessToken: String
    public var newRefreshToken: String

    public init(refreshToken: String, newAccessToken: String, newRefreshToken: String) {
        self.refreshToken = refreshToken
        self.newAccessToken = newAccessToken
        self.newRefreshToken = newRefreshToken
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var expiresInMS: Int64
        public init(expiresInMS: Int64) { self.expiresInMS = expiresInMS }
    }
}

/// Whose an access token is. Errors: M_UNKNOWN_TOKEN, with `soft_logout` where the device has a refresh token.
public struct QueryAccessToken: Call {
    public static let path = "/userapi/queryAccessToken"
    public static var idempotency: Idempotency { .repeatable }
    public var token: String
    /// From where it was shown, and by what: the device was seen there now.
    public var ipAddress: String?
    public var userAgent: String?

    public init(token: String, ipAddress: String? = nil, userAgent: String? = nil) {
        self.token = token
        self.ipAddress = ipAddress
        self.userAgent = userAgent
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        public var deviceID: String
        public var kind: AccountKind
        public var isAdmin: Bool
        /// See ``QueryAccountStanding``; nil: no.
        public var isSuspended: Bool?
        public var isLocked: Bool?

        public init(
            userID: String, deviceID: String, kind: AccountKind, isAdmin: Bool, isSuspended: Bool? = nil, isLocked: Bool? = nil
        ) {
            self.userID = userID
            self.deviceID = deviceID
            self.kind = kind
            self.isAdmin = isAdmin
            self.isSuspended = isSuspended
            self.isLocked = isLocked
        }
    }
}

/// A device as its user sees it.
public struct Device: Codable, Sendable, Equatable {
    public var deviceID: String
    public var displayName: String?
    public var lastSeenIP: String?
    /// Milliseconds.
    public var lastSeenTS: Int64?

    enum CodingKeys: String, CodingKey {
        case deviceID = "device_id"
        case displayName = "display_name"
        case lastSeenIP = "last_seen_ip"
        case lastSeenTS = "last_seen_ts"
    }

    public init(deviceID: String, displayName: String?, lastSeenIP: String?, lastSeenTS: Int64?) {
        self.deviceID = deviceID
        self.displayName = displayName
        self.lastSeenIP = lastSeenIP
        self.lastSeenTS = lastSeenTS
    }
}

/// The devices of a user, or the one named. Errors: M_NOT_FOUND (the one named).
public struct QueryDevices: Call {
    public static let path = "/userapi/queryDevices"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var deviceID: String?

    public init(userID: String, deviceID: String? = nil) {
        self.userID = userID
        self.deviceID = deviceID
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var devices: [Device]
        public init(devices: [Device]) { self.devices = devices }
    }
}

/// From where each device of a user was last seen. Errors: M_NOT_FOUND (no such user).
public struct QueryConnections: Call {
    public static let path = "/userapi/queryConnections"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public init(userID: String) { self.userID = userID }

    public struct Connection: Codable, Sendable, Equatable {
        public var deviceID: String
        public var ipAddress: String?
        /// Milliseconds.
        public var lastSeenTS: Int64?
        public var userAgent: String?

        public init(deviceID: String, ipAddress: String?, lastSeenTS: Int64?, userAgent: String?) {
            self.deviceID = deviceID
            self.ipAddress = ipAddress
            self.lastSeenTS = lastSeenTS
            self.userAgent = userAgent
        }
    }
    public struct Reply: Codable, Sendable, Equatable {
        public var connections: [Connection]
        public init(connections: [Connection]) { self.connections = connections }
    }
}

/// Renames a device. Errors: M_NOT_FOUND.
public struct UpdateDevice: Call {
    public static let path = "/userapi/updateDevice"
    public typealias Reply = Done
    public var userID: String
    public var deviceID: String
    public var displayName: String?

    public init(userID: String, deviceID: String, displayName: String?) {
        self.userID = userID
        self.deviceID = deviceID
        self.displayName = displayName
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// Logs devices out: those named, or all. What is not there is passed over.
public struct DeleteDevices: Call {
    public static let path = "/userapi/deleteDevices"
    public typealias Reply = Done
    public var userID: String
    /// Nil: all.
    public var deviceIDs: [String]?

    public init(userID: String, deviceIDs: [String]?) {
        self.userID = userID
        self.deviceIDs = deviceIDs
    }
    public static var idempotency: Idempotency { .repeatable }
}
