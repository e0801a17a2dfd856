import InternalAPI
import Matrix

/// Points a new alias at a room. Errors: M_UNKNOWN 409 where the alias exists, M_NOT_FOUND (no such room),
/// M_FORBIDDEN (not a member).
public struct SetRoomAlias: Call {
    public static let path = "/roomserver/setRoomAlias"
    public typealias Reply = Done
    public var alias: String
    public var roomID: String
    public var userID: String

    public init(alias: String, roomID: String, userID: String) {
        self.alias = alias
        self.roomID = roomID
        self.userID = userID
    }
    public var affinity: String? { roomID }
}

/// Removes an alias, by who made it, or who may set the room's canonical alias, or a server administrator. Where the
/// room's `m.room.canonical_alias` named it, that is changed too if the user may. Errors: M_NOT_FOUND, M_FORBIDDEN.
public struct RemoveRoomAlias: Call {
    public static let path = "/roomserver/removeRoomAlias"
    public typealias Reply = Done
    public var alias: String
    public var userID: String
    public var isAdmin: Bool

    public init(alias: String, userID: String, isAdmin: Bool) {
        self.alias = alias
        self.userID = userID
        self.isAdmin = isAdmin
    }
}

/// Which room a local alias points at. Errors: M_NOT_FOUND.
public struct QueryRoomAlias: Call {
    public static let path = "/roomserver/queryRoomAlias"
    public static var idempotency: Idempotency { .repeatable }
    public var alias: String
    public init(alias: String) { self.alias = alias }

    public struct Reply: Codable, Sendable, Equatable {
        public var roomID: String
        public var servers: [String]
        public init(roomID: String, servers: [String]) {
            self.roomID = roomID
            self.servers = servers
        }
    }
}

/// The local aliases of a room, for a member or where its history is world readable. Errors: M_FORBIDDEN.
public struct QueryRoomAliases: Call {
    public static let path = "/roomserver/queryRoomAliases"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String
    public init(roomID: String, userID: String) {
        self.roomID = roomID
        self.userID = userID
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var aliases: [String]
        public init(aliases: [String]) { self.aliases = aliases }
    }
}

/// Lists a room in the directory, or takes it out. Needs the power to set the canonical alias, or an administrator.
/// Errors: M_NOT_FOUND, M_FORBIDDEN.
public struct SetRoomVisibility: Call {
    public static let path = "/roomserver/setRoomVisibility"
    public typealias Reply = Done
    public var roomID: String
    public var userID: String
    public var isAdmin: Bool
    public var published: Bool

    public init(roomID: String, userID: String, isAdmin: Bool, published: Bool) {
        self.roomID = roomID
        self.userID = userID
        self.isAdmin = isAdmin
        self.published = published
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// Whether a room is listed. Errors: M_NOT_FOUND.
public struct QueryRoomVisibility: Call {
    public static let path = "/roomserver/queryRoomVisibility"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public init(roomID: String) { self.roomID = roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var published: Bool
        public init(published: Bool) { self.published = published }
    }
}

/// Which of these rooms are listed; of more than `most` the rest is left out.
public struct QueryPublishedRooms: Call {
    public static let path = "/roomserver/queryPublishedRooms"
    public static var idempotency: Idempotency { .repeatable }
    public static let most = 1000
    public var roomIDs: [String]
    public init(roomIDs: [String]) { self.roomIDs = roomIDs }

    public struct Reply: Codable, Sendable, Equatable {
        public var roomIDs: [String]
        public init(roomIDs: [String]) { self.roomIDs = roomIDs }
    }
}

/// A page of the directory, the largest rooms first.
public struct QueryPublicRooms: Call {
    public static let path = "/roomserver/queryPublicRooms"
    public static var idempotency: Idempotency { .repeatable }
    /// Part of a name, topic or alias, any case.
    public var searchTerm: String?
    /// `m.space` and the like; an element that is nil stands for rooms without a type. Nil: all.
    public var roomTypes: [String?]?
    /// At most 500.
    public var limit: Int
    /// A token of an earlier page.
    public var since: String?
    /// Instead of the rooms that are listed here, those that an application service lists for this network: by its ID, or after the
    /// application service's and a bar where several have one of that ID.
    public var network: String?
    /// Whether those of all networks are wanted as well.
    public var includesAllNetworks: Bool?

    public init(
        searchTerm: String?, roomTypes: [String?]?, limit: Int, since: String?, network: String? = nil,
        includesAllNetworks: Bool? = nil
    ) {
        self.network = network
        self.includesAllNetworks = includesAllNetworks
        self.searchTerm = searchTerm
        self.roomTypes = roomTypes
        self.limit = limit
        self.since = since
    }

    /// The wire's `PublicRoomsChunk`.
    public struct Room: Codable, Sendable, Equatable {
        public var aliases: [String]?
        public var avatarURL: String?
        public var canonicalAlias: String?
        public var guestCanJoin: Bool
        public var joinRule: String?
        public var name: String?
        public var numJoinedMembers: Int
        public var roomID: String
        public var roomType: String?
        public var topic: String?
        public var worldReadable: Bool

        enum CodingKeys: String, CodingKey {
            case aliases, name, topic
            case avatarURL = "avatar_url"
            case canonicalAlias = "canonical_alias"
            case guestCanJoin = "guest_can_join"
            case joinRule = "join_rule"
            case numJoinedMembers = "num_joined_members"
            case roomID = "room_id"
            case roomType = "room_type"
            case worldReadable = "world_readable"
        }

        public init(
            aliases: [String]?, avatarURL: String?, canonicalAlias: String?, guestCanJoin: Bool, joinRule: String?,
            name: String?, numJoinedMembers: Int, roomID: String, roomType: String?, topic: String?, worldReadable: Bool
        ) {
            self.aliases = aliases
            self.avatarURL = avatarURL
            self.canonicalAlias = canonicalAlias
            self.guestCanJoin = guestCanJoin
            self.joinRule = joinRule
            self.name = name
            self.numJoinedMembers = numJoinedMembers
            self.roomID = roomID
            self.roomType = roomType
            self.topic = topic
            self.worldReadable = worldReadable
        }
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var chunk: [Room]
        public var nextBatch: String?
        public var prevBatch: String?
        public var total: Int

        enum CodingKeys: String, CodingKey {
            case chunk
            case nextBatch = "next_batch"
            case prevBatch = "prev_batch"
            case total = "total_room_count_estimate"
        }

        public init(chunk: [Room], nextBatch: String?, prevBatch: String?, total: Int) {
            self.chunk = chunk
            self.nextBatch = nextBatch
            self.prevBatch = prevBatch
            self.total = total
        }
    }
}
