import InternalAPI

/// Lists a room among those of a network that an application service bridges to, or takes it out. Errors: M_NOT_FOUND.
/// [Room directory of application services](https://spec.matrix.org/v1.19/application-service-api/#application-service-room-directories)
public struct SetNetworkVisibility: Call {
    public static let path = "/roomserver/setNetworkVisibility"
    public typealias Reply = Done
    public static var idempotency: Idempotency { .repeatable }
    public var appserviceID: String
    public var networkID: String
    public var roomID: String
    public var published: Bool

    public init(appserviceID: String, networkID: String, roomID: String, published: Bool) {
        self.appserviceID = appserviceID
        self.networkID = networkID
        self.roomID = roomID
        self.published = published
    }
}
