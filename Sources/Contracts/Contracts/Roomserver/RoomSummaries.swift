import InternalAPI
import Matrix

/// What a room says of itself to those who may know of it: the wire's `RoomSummary`, with what the endpoints add.
public struct SummarizedRoom: Codable, Sendable, Equatable {
    public var allowedRoomIDs: [String]?
    public var avatarURL: String?
    public var canonicalAlias: String?
    /// The `m.space.child` events of a space, stripped, with their times; of the hierarchy only.
    public var childrenState: [RawJSON]?
    public var encryption: String?
    public var guestCanJoin: Bool
    public var joinRule: String?
    /// The asking user's; of a single room's summary only.
    public var membership: String?
    public var name: String?
    public var numJoinedMembers: Int
    public var roomID: String
    public var roomType: String?
    public var roomVersion: String?
    public var topic: String?
    public var worldReadable: Bool

    enum CodingKeys: String, CodingKey {
        case encryption, membership, name, topic
        case allowedRoomIDs = "allowed_room_ids"
        case avatarURL = "avatar_url"
        case canonicalAlias = "canonical_alias"
        case childrenState = "children_state"
        case guestCanJoin = "guest_can_join"
        case joinRule = "join_rule"
        case numJoinedMembers = "num_joined_members"
        case roomID = "room_id"
        case roomType = "room_type"
        case roomVersion = "room_version"
        case worldReadable = "world_readable"
    }

    public init(
        _ room: QueryPublicRooms.Room, allowedRoomIDs: [String]?, encryption: String?, roomVersion: String,
        childrenState: [RawJSON]? = nil, membership: String? = nil
    ) {
        avatarURL = room.avatarURL
        canonicalAlias = room.canonicalAlias
        guestCanJoin = room.guestCanJoin
        joinRule = room.joinRule
        name = room.name
        numJoinedMembers = room.numJoinedMembers
        roomID = room.roomID
        roomType = room.roomType
        topic = room.topic
        worldReadable = room.worldReadable
        self.allowedRoomIDs = allowedRoomIDs
        self.encryption = encryption
        self.roomVersion = roomVersion
        self.childrenState = childrenState
        self.membership = membership
    }
}

/// What somebody, perhaps not even a user, may know of a room. Errors: M_NOT_FOUND (also where they may know nothing).
public struct QueryRoomSummary: Call {
    public static let path = "/roomserver/queryRoomSummary"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String?

    public init(roomID: String, userID: String?) {
        self.roomID = roomID
        self.userID = userID
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var summary: SummarizedRoom
        public init(summary: SummarizedRoom) { self.summary = summary }
    }
}

/// A page of the rooms below a space, each once, every space before what is in it: those that the user may know of.
/// Errors: M_FORBIDDEN (the space itself), M_INVALID_PARAM (a token of another question).
public struct QueryHierarchy: Call {
    public static let path = "/roomserver/queryHierarchy"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String
    public var suggestedOnly: Bool
    /// How far below the space, which itself is at 0; at most 100.
    public var maxDepth: Int
    /// At most 100.
    public var limit: Int
    /// A token of an earlier page.
    public var from: String?

    public init(roomID: String, userID: String, suggestedOnly: Bool, maxDepth: Int, limit: Int, from: String?) {
        self.roomID = roomID
        self.userID = userID
        self.suggestedOnly = suggestedOnly
        self.maxDepth = maxDepth
        self.limit = limit
        self.from = from
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var rooms: [SummarizedRoom]
        public var nextBatch: String?

        enum CodingKeys: String, CodingKey {
            case rooms
            case nextBatch = "next_batch"
        }

        public init(rooms: [SummarizedRoom], nextBatch: String?) {
            self.rooms = rooms
            self.nextBatch = nextBatch
        }
    }
}

/// A page of the rooms that two users are both in, by room ID. Errors: M_INVALID_PARAM (an unknown token).
public struct QueryMutualRooms: Call {
    public static let path = "/roomserver/queryMutualRooms"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var otherID: String
    /// At most 1000.
    public var limit: Int
    /// A token of an earlier page.
    public var from: String?

    public init(userID: String, otherID: String, limit: Int, from: String?) {
        self.userID = userID
        self.otherID = otherID
        self.limit = limit
        self.from = from
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var joined: [String]
        public var count: Int
        public var nextBatch: String?

        enum CodingKeys: String, CodingKey {
            case joined, count
            case nextBatch = "next_batch"
        }

        public init(joined: [String], count: Int, nextBatch: String?) {
            self.joined = joined
            self.count = count
            self.nextBatch = nextBatch
        }
    }
}
