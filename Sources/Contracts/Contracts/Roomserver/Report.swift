import InternalAPI

/// Keeps what a user tells the server's administrators of an event, a room or a user.
/// [Reporting content](https://spec.matrix.org/v1.19/client-server-api/#reporting-content)
/// Errors: M_NOT_FOUND (no such room, or no event that the user may see in a room that they are joined to),
/// M_LIMIT_EXCEEDED.
public struct Report: Call {
    public static let path = "/roomserver/report"
    public typealias Reply = Done
    public static var idempotency: Idempotency { .keyed }

    public enum Subject: Codable, Sendable, Equatable {
        case event(roomID: String, eventID: String)
        case room(roomID: String)
        case user(userID: String)
    }

    public var key: String
    public var reporter: String
    public var subject: Subject
    public var reason: String?
    /// From -100, the worst, to 0; of clients before v1.18.
    public var score: Int64?

    public init(key: String, reporter: String, subject: Subject, reason: String?, score: Int64? = nil) {
        self.key = key
        self.reporter = reporter
        self.subject = subject
        self.reason = reason
        self.score = score
    }
}
