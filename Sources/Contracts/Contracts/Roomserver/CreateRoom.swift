import InternalAPI
import Matrix

/// Makes a room with all its first events, its alias and its place in the directory, in one transaction: a refused
/// draft leaves nothing.
/// Errors: M_FORBIDDEN, M_ROOM_IN_USE (the alias), M_UNSUPPORTED_ROOM_VERSION, M_INVALID_ROOM_STATE, M_BAD_JSON.
public struct CreateRoom: Call {
    public static let path = "/roomserver/createRoom"
    public static var idempotency: Idempotency { .keyed }

    /// The caller's own key for this creation: the same key answers with the same room.
    public var key: String
    public var creator: String
    /// The version; nil: the configured default.
    public var roomVersion: String?
    /// `creation_content` as the client gave it, without `creator` and `room_version`, which the roomserver sets.
    public var creationContent: RawJSON
    /// Every further event, in order, the creator's join first.
    public var drafts: [Draft]
    /// The full alias (`#name:server`) that shall point at the room.
    public var alias: String?
    /// Whether it is listed in the directory.
    public var published: Bool

    public init(
        key: String, creator: String, roomVersion: String?, creationContent: RawJSON, drafts: [Draft], alias: String?,
        published: Bool
    ) {
        self.key = key
        self.creator = creator
        self.roomVersion = roomVersion
        self.creationContent = creationContent
        self.drafts = drafts
        self.alias = alias
        self.published = published
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var roomID: String
        /// The number of the last event in the room's output log.
        public var seq: Int64
        public init(roomID: String, seq: Int64) {
            self.roomID = roomID
            self.seq = seq
        }
    }
}
