import InternalAPI

/// Gives a user, in the room that replaces another, what they had set for that one: tags, push rules, and that it is a
/// direct chat. What they have set already stays. Errors: M_NOT_FOUND (no such user).
/// [Room upgrades](https://spec.matrix.org/v1.19/client-server-api/#room-upgrades)
public struct CarryRoomSettings: Call {
    public static let path = "/userapi/carryRoomSettings"
    public typealias Reply = Done
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var from: String
    public var to: String

    public init(userID: String, from: String, to: String) {
        self.userID = userID
        self.from = from
        self.to = to
    }
}
