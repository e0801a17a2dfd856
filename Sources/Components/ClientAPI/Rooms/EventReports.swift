import Contracts
import Matrix
import Web

/// Shows administrators what users told of events, by Synapse's endpoints, which Dendrite has too.
struct EventReports: Sendable {
    let roomserver: any RoomserverAPI

    struct Page: Encodable, Sendable {
        var reports: [EventReport]
        var next: Int?
        var total: Int
        enum CodingKeys: String, CodingKey {
            case total
            case reports = "event_reports"
            case next = "next_token"
        }
    }

    func list(_ request: Request) async throws -> Page {
        let limit = min(max(try request.query.integer("limit") ?? 100, 1), 500)
        // Further than anybody reads.
        let from = min(max(try request.query.integer("from") ?? 0, 0), 1 << 40)
        let found = try await roomserver.call(
            QueryEventReports(
                from: from, limit: limit, oldestFirst: request.query["dir"] == "f", reporter: request.query["user_id"],
                roomID: request.query["room_id"]))
        return Page(reports: found.reports, next: from + limit < found.total ? from + limit : nil, total: found.total)
    }

    func report(_ request: Request) async throws -> Response {
        let found = try await roomserver.call(QueryEventReport(id: try id(request)))
        var body = try JSON(parsing: JSONCoder.encode(found.report)).object ?? [:]
        body["event_json"] = found.event?.parsed()
        return .object(body)
    }

    func delete(_ request: Request) async throws -> Nothing {
        _ = try await roomserver.call(DeleteEventReport(id: try id(request)))
        return Nothing()
    }

    private func id(_ request: Request) throws -> Int64 {
        guard let id = Int64(try request.parameters["reportId"]), id > 0 else { throw MatrixError.invalidParam("Not the ID of a report") }
        return id
    }
}
