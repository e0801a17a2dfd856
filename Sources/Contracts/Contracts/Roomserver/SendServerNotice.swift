import InternalAPI
import Matrix

/// Says something to a user in the name of the server, in a room of those two, which is made if there is none.
/// [Server notices](https://spec.matrix.org/v1.19/client-server-api/#server-notices)
/// Errors: M_FORBIDDEN, M_BAD_JSON, M_TOO_LARGE.
public struct SendServerNotice: Call {
    public static let path = "/roomserver/sendServerNotice"
    public static var idempotency: Idempotency { .keyed }

    /// In whose name, and what the room looks like.
    public struct Sender: Codable, Sendable, Equatable {
        public var userID: String
        public var displayName: String?
        public var avatarURL: String?
        public var roomName: String
        public init(userID: String, displayName: String?, avatarURL: String?, roomName: String) {
            self.userID = userID
            self.displayName = displayName
            self.avatarURL = avatarURL
            self.roomName = roomName
        }
    }

    /// The same key for the same user answers with the same event.
    public var key: String
    public var sender: Sender
    public var userID: String
    public var type: String
    public var stateKey: String?
    /// A JSON object.
    public var content: RawJSON

    public init(key: String, sender: Sender, userID: String, type: String, stateKey: String?, content: RawJSON) {
        self.key = key
        self.sender = sender
        self.userID = userID
        self.type = type
        self.stateKey = stateKey
        self.content = content
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var eventID: String
        public var roomID: String
        public init(eventID: String, roomID: String) {
            self.eventID = eventID
            self.roomID = roomID
        }
    }
}
