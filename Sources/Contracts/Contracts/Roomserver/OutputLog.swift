import InternalAPI
import Matrix

/// A room's output log above a number: what a listener missed. At most `limit` messages, in order.
/// A message is the `OutputEvent` of the topic `OutputRoomEvent`, as it was published.
public struct QueryOutput: Call {
    public static let path = "/roomserver/queryOutput"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var after: Int64
    public var limit: Int

    public init(roomID: String, after: Int64, limit: Int = 200) {
        self.roomID = roomID
        self.after = after
        self.limit = limit
    }
    public var affinity: String? { roomID }

    public struct Message: Codable, Sendable, Equatable {
        public var seq: Int64
        public var message: RawJSON
        public init(seq: Int64, message: RawJSON) {
            self.seq = seq
            self.message = message
        }
    }
    public struct Reply: Codable, Sendable, Equatable {
        public var messages: [Message]
        public init(messages: [Message]) { self.messages = messages }
    }
}

/// The head (last number) of every room changed since a time, in pages by room: what listeners compare their cursors
/// with at start and after a reconnect.
public struct QueryOutputHeads: Call {
    public static let path = "/roomserver/queryOutputHeads"
    public static var idempotency: Idempotency { .repeatable }
    /// Milliseconds by the roomserver's database clock; 0: all rooms.
    public var changedSince: Int64
    /// The last room ID of the page before.
    public var after: String?
    public var limit: Int

    public init(changedSince: Int64, after: String? = nil, limit: Int = 1000) {
        self.changedSince = changedSince
        self.after = after
        self.limit = limit
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var heads: [RoomHead]
        public init(heads: [RoomHead]) { self.heads = heads }
    }
}

/// A room and the last number of its output log.
public struct RoomHead: Codable, Sendable, Equatable {
    public var roomID: String
    public var seq: Int64
    public init(roomID: String, seq: Int64) {
        self.roomID = roomID
        self.seq = seq
    }
}

/// The heads of the rooms that the user is in, is invited to or left, and that changed in the last `withinMS`: the
/// barrier that lets `/sync` show what the user did a moment ago on any replica.
public struct QueryUserHeads: Call {
    public static let path = "/roomserver/queryUserHeads"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var withinMS: Int64

    public init(userID: String, withinMS: Int64) {
        self.userID = userID
        self.withinMS = withinMS
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var heads: [RoomHead]
        public init(heads: [RoomHead]) { self.heads = heads }
    }
}

/// A room's head: what a reader of the room waits for. Errors: M_NOT_FOUND.
public struct QueryRoomHead: Call {
    public static let path = "/roomserver/queryRoomHead"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public init(roomID: String) { self.roomID = roomID }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var seq: Int64
        public init(seq: Int64) { self.seq = seq }
    }
}
