import Contracts
import InternalAPI
import Matrix

extension Roomserver {
    /// More than these of one user are not kept.
    private static let mostReports = 1000

    public func call(_ call: Report) async throws -> Done {
        try await storage.write { tx in
            switch call.subject {
            case .event(let roomID, let eventID):
                guard let room = try RoomTable.find(roomID, tx),
                    try MembershipTable.find(call.reporter, room: room.nid, tx)?.membership == "join",
                    let stored = try EventTable.find(eventID, in: room, tx),
                    try EventVisibility(userID: call.reporter, room: room).allows(stored, tx)
                else { throw MatrixError.notFound("No such event, or you are not in its room") }
            case .room(let roomID):
                guard try RoomTable.find(roomID, tx) != nil else { throw MatrixError.notFound("No such room") }
            case .user: break
            }
            guard try ReportTable.count(by: call.reporter, tx) < Self.mostReports else {
                throw MatrixError.limitExceeded(retryAfterMS: 24 * 3_600_000)
            }
            try ReportTable.insert(call, tx)
        }
        return Done()
    }

    public func call(_ call: QueryEventReports) async throws -> QueryEventReports.Reply {
        let condition = ReportTable.ofEvents(by: call.reporter, in: call.roomID)
        return try await storage.read { tx in
            QueryEventReports.Reply(
                reports: try ReportTable.find(
                    condition, oldestFirst: call.oldestFirst, from: max(call.from, 0), limit: min(max(call.limit, 1), 500), tx),
                total: try ReportTable.count(condition, tx))
        }
    }

    public func call(_ call: QueryEventReport) async throws -> QueryEventReport.Reply {
        let now = author.now
        return try await storage.read { tx in
            guard let report = try ReportTable.find(ReportTable.ofEvent(call.id), oldestFirst: true, from: 0, limit: 1, tx).first
            else { throw MatrixError.notFound("No such report") }
            let room = try RoomTable.find(report.roomID, tx)
            let stored = try room.flatMap { try EventTable.find(report.eventID, in: $0, tx) }
            return QueryEventReport.Reply(report: report, event: try stored.map { try ClientFormat(now: now).event($0, tx) })
        }
    }

    public func call(_ call: DeleteEventReport) async throws -> Done {
        guard try await storage.write({ try ReportTable.delete(call.id, $0) }) else { throw MatrixError.notFound("No such report") }
        return Done()
    }
}
