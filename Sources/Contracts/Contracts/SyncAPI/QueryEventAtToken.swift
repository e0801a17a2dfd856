import InternalAPI

/// The last event of a room at the place that a client's token means. Errors: M_INVALID_PARAM (no token of this server).
public struct QueryEventAtToken: Call {
    public static let path = "/syncapi/queryEventAtToken"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var token: String

    public init(roomID: String, token: String) {
        self.roomID = roomID
        self.token = token
    }

    /// Nil: the room began later.
    public struct Reply: Codable, Sendable, Equatable {
        public var eventID: String?
        public init(eventID: String?) { self.eventID = eventID }
    }
}
