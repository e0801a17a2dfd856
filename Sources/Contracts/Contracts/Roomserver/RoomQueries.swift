import InternalAPI
import Matrix

// Every query names the user who asks, and is refused M_FORBIDDEN where that user may not see the answer: a member
// sees the room as it is now, one who left as it was when they left, others only what is world readable.

/// One state event. Errors: M_FORBIDDEN, M_NOT_FOUND.
public struct QueryStateEvent: Call {
    public static let path = "/roomserver/queryStateEvent"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String
    public var type: String
    public var stateKey: String

    public init(roomID: String, userID: String, type: String, stateKey: String) {
        self.roomID = roomID
        self.userID = userID
        self.type = type
        self.stateKey = stateKey
    }
    public var affinity: String? { roomID }

    /// `event` is in the client-server format.
    public struct Reply: Codable, Sendable, Equatable {
        public var event: RawJSON
        public init(event: RawJSON) { self.event = event }
    }
}

/// The whole state: a JSON array of events in the client-server format.
public struct QueryRoomState: Call {
    public static let path = "/roomserver/queryRoomState"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String

    public init(roomID: String, userID: String) {
        self.roomID = roomID
        self.userID = userID
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var events: RawJSON
        public init(events: RawJSON) { self.events = events }
    }
}

/// The member events: a JSON array of events in the client-server format. With both a membership and one that is not
/// wanted, those that have the one or do not have the other.
/// Errors: M_FORBIDDEN.
public struct QueryMembers: Call {
    public static let path = "/roomserver/queryMembers"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String
    public var membership: String?
    public var notMembership: String?
    /// The event after which the members are wanted; nil: now.
    public var atEvent: String?

    public init(roomID: String, userID: String, membership: String?, notMembership: String?, atEvent: String? = nil) {
        self.roomID = roomID
        self.userID = userID
        self.membership = membership
        self.notMembership = notMembership
        self.atEvent = atEvent
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var events: RawJSON
        public init(events: RawJSON) { self.events = events }
    }
}

/// Who is joined now, with their profile in the room. Only a joined user may ask.
public struct QueryJoinedMembers: Call {
    public static let path = "/roomserver/queryJoinedMembers"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String

    public init(roomID: String, userID: String) {
        self.roomID = roomID
        self.userID = userID
    }
    public var affinity: String? { roomID }

    public struct Member: Codable, Sendable, Equatable {
        public var displayName: String?
        public var avatarURL: String?
        public init(displayName: String?, avatarURL: String?) {
            self.displayName = displayName
            self.avatarURL = avatarURL
        }
    }
    public struct Reply: Codable, Sendable, Equatable {
        public var joined: [String: Member]
        public init(joined: [String: Member]) { self.joined = joined }
    }
}

/// One event that the user may see, in the client-server format. Errors: M_NOT_FOUND (also where it may not be seen).
public struct QueryEvent: Call {
    public static let path = "/roomserver/queryEvent"
    public static var idempotency: Idempotency { .repeatable }
    /// Nil: of whichever room it is.
    public var roomID: String?
    public var eventID: String
    public var userID: String

    public init(roomID: String?, eventID: String, userID: String) {
        self.roomID = roomID
        self.eventID = eventID
        self.userID = userID
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var event: RawJSON
        /// Its place in the order in which the server had the room's events. Earlier releases do not say.
        public var place: Int64?
        public init(event: RawJSON, place: Int64? = nil) {
            self.event = event
            self.place = place
        }
    }
}

/// The rooms that the user is joined to.
public struct QueryJoinedRooms: Call {
    public static let path = "/roomserver/queryJoinedRooms"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public init(userID: String) { self.userID = userID }

    public struct Reply: Codable, Sendable, Equatable {
        public var roomIDs: [String]
        public init(roomIDs: [String]) { self.roomIDs = roomIDs }
    }
}

/// The rooms that a user is joined to, is invited to, or knocks at.
public struct QueryRoomsOfUser: Call {
    public static let path = "/roomserver/queryRoomsOfUser"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public init(userID: String) { self.userID = userID }

    public struct Reply: Codable, Sendable, Equatable {
        public var roomIDs: [String]
        public init(roomIDs: [String]) { self.roomIDs = roomIDs }
    }
}

/// How a user stands to a room now: `join`, `invite`, `knock`, `ban`, or `leave`, also where there is no such room.
public struct QueryMembership: Call {
    public static let path = "/roomserver/queryMembership"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String

    public init(roomID: String, userID: String) {
        self.roomID = roomID
        self.userID = userID
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var membership: String
        public init(membership: String) { self.membership = membership }
    }
}
