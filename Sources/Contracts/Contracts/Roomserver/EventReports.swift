import InternalAPI
import Matrix

/// A page of what users told of events, the newest first.
public struct QueryEventReports: Call {
    public static let path = "/roomserver/queryEventReports"
    public static var idempotency: Idempotency { .repeatable }
    /// How many are left out.
    public var from: Int
    /// At most 500.
    public var limit: Int
    public var oldestFirst: Bool
    /// Who told; nil: anybody.
    public var reporter: String?
    public var roomID: String?

    public init(from: Int, limit: Int, oldestFirst: Bool, reporter: String?, roomID: String?) {
        self.from = from
        self.limit = limit
        self.oldestFirst = oldestFirst
        self.reporter = reporter
        self.roomID = roomID
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var reports: [EventReport]
        /// Of all pages.
        public var total: Int
        public init(reports: [EventReport], total: Int) {
            self.reports = reports
            self.total = total
        }
    }
}

/// One report of an event, with the event. Errors: M_NOT_FOUND.
public struct QueryEventReport: Call {
    public static let path = "/roomserver/queryEventReport"
    public static var idempotency: Idempotency { .repeatable }
    public var id: Int64
    public init(id: Int64) { self.id = id }

    public struct Reply: Codable, Sendable, Equatable {
        public var report: EventReport
        /// In the client-server format.
        public var event: RawJSON?
        public init(report: EventReport, event: RawJSON?) {
            self.report = report
            self.event = event
        }
    }
}

/// Deletes a report of an event. Errors: M_NOT_FOUND.
public struct DeleteEventReport: Call {
    public static let path = "/roomserver/deleteEventReport"
    public typealias Reply = Done
    public var id: Int64
    public init(id: Int64) { self.id = id }
}

/// What a user told of an event, in the words of Synapse's administration API.
public struct EventReport: Codable, Sendable, Equatable {
    public var id: Int64
    public var receivedTS: Int64
    public var reporter: String
    public var roomID: String
    public var eventID: String
    public var reason: String?
    public var score: Int64?
    /// Of the event.
    public var sender: String?
    public var roomName: String?
    public var canonicalAlias: String?

    enum CodingKeys: String, CodingKey {
        case id, reason, score, sender
        case receivedTS = "received_ts"
        case reporter = "user_id"
        case roomID = "room_id"
        case eventID = "event_id"
        case roomName = "name"
        case canonicalAlias = "canonical_alias"
    }

    public init(
        id: Int64, receivedTS: Int64, reporter: String, roomID: String, eventID: String, reason: String?, score: Int64?,
        sender: String?, roomName: String?, canonicalAlias: String?
    ) {
        self.id = id
        self.receivedTS = receivedTS
        self.reporter = reporter
        self.roomID = roomID
        self.eventID = eventID
        self.reason = reason
        self.score = score
        self.sender = sender
        self.roomName = roomName
        self.canonicalAlias = canonicalAlias
    }
}
