import InternalAPI
import Matrix

/// What relates to an event and is told along with it: the value of `m.relations` in `unsigned`, as far as the user may see it.
public struct QueryBundledRelations: Call {
    public static let path = "/syncapi/queryBundledRelations"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var eventID: String
    public var userID: String
    public var deviceID: String?

    public init(roomID: String, eventID: String, userID: String, deviceID: String?) {
        self.roomID = roomID
        self.eventID = eventID
        self.userID = userID
        self.deviceID = deviceID
    }

    /// Nil: there is nothing.
    public struct Reply: Codable, Sendable, Equatable {
        public var relations: RawJSON?
        public init(relations: RawJSON?) { self.relations = relations }
    }
}

/// Whether a user may relate an event to another in the way that its content says.
///
/// Errors: M_DUPLICATE_ANNOTATION (the same was said before, by another request), M_UNKNOWN (a thread of what itself relates to
/// something).
public struct CheckRelation: Call {
    public static let path = "/syncapi/checkRelation"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var userID: String
    public var deviceID: String?
    public var transactionID: String?
    public var type: String
    public var content: RawJSON

    public init(
        roomID: String, userID: String, deviceID: String?, transactionID: String?, type: String, content: RawJSON
    ) {
        self.roomID = roomID
        self.userID = userID
        self.deviceID = deviceID
        self.transactionID = transactionID
        self.type = type
        self.content = content
    }

    public struct Reply: Codable, Sendable, Equatable {
        public init() {}
    }
}
