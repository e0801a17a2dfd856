import InternalAPI

/// Lets what a user has sent be seen, but redacted, by whoever was not in the room then.
public struct EraseUser: Call, Equatable {
    public static let path = "/roomserver/eraseUser"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    public init(userID: String) { self.userID = userID }
}
