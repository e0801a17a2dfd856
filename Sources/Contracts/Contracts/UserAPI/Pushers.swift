import InternalAPI
import Matrix

/// Where a user's device wants to be notified. The content is the wire's `Pusher`.
/// [Push notifications](https://spec.matrix.org/v1.19/client-server-api/#push-notifications)
public struct Pusher: Codable, Sendable, Equatable {
    public var appID: String
    public var pushkey: String
    /// The whole pusher as the client set it: a JSON object.
    public var content: RawJSON

    public init(appID: String, pushkey: String, content: RawJSON) {
        self.appID = appID
        self.pushkey = pushkey
        self.content = content
    }
}

/// Sets a pusher of a device, in place of one with the same app and key; it goes when the device is logged out.
public struct SetPusher: Call {
    public static let path = "/userapi/setPusher"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    public var deviceID: String
    public var pusher: Pusher
    /// Whether other users' pushers with the same app and key stay.
    public var append: Bool

    public init(userID: String, deviceID: String, pusher: Pusher, append: Bool) {
        self.userID = userID
        self.deviceID = deviceID
        self.pusher = pusher
        self.append = append
    }
}

/// Removes a pusher. One that is not there is passed over.
public struct RemovePusher: Call {
    public static let path = "/userapi/removePusher"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    public var appID: String
    public var pushkey: String

    public init(userID: String, appID: String, pushkey: String) {
        self.userID = userID
        self.appID = appID
        self.pushkey = pushkey
    }
}

/// The pushers of a user, as they were set.
public struct QueryPushers: Call {
    public static let path = "/userapi/queryPushers"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public init(userID: String) { self.userID = userID }

    public struct Reply: Codable, Sendable, Equatable {
        public var pushers: [Pusher]
        public init(pushers: [Pusher]) { self.pushers = pushers }
    }
}
