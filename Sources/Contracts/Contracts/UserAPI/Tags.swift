import InternalAPI
import Matrix

/// Puts a tag on a room for a user, or takes it off, and leaves the room's other tags as they are.
/// Errors: M_NOT_FOUND (no such user), M_TOO_LARGE.
/// [Room tagging](https://spec.matrix.org/v1.19/client-server-api/#room-tagging)
public struct SetRoomTag: Call {
    public static let path = "/userapi/setRoomTag"
    public typealias Reply = Done
    public var userID: String
    public var roomID: String
    public var tag: String
    /// A JSON object, which may hold an `order`. Nil: the tag is taken off.
    public var content: RawJSON?

    public init(userID: String, roomID: String, tag: String, content: RawJSON?) {
        self.userID = userID
        self.roomID = roomID
        self.tag = tag
        self.content = content
    }
    public static var idempotency: Idempotency { .repeatable }
}
