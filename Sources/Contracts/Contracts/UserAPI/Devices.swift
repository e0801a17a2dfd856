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
        public init(deviceID: String) { self.deviceID = deviceID }
    }
}

/// Whose an access token is. Errors: M_UNKNOWN_TOKEN.
public struct QueryAccessToken: Call {
    public static let path = "/userapi/queryAccessToken"
    public static var idempotency: Idempotency { .repeatable }
    public var token: String
    public init(token: String) { self.token = token }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        public var deviceID: String
        public var kind: AccountKind
        public var isAdmin: Bool

        public init(userID: String, deviceID: String, kind: AccountKind, isAdmin: Bool) {
            self.userID = userID
            self.deviceID = deviceID
            self.kind = kind
            self.isAdmin = isAdmin
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
