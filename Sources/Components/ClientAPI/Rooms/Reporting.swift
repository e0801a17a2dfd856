import Contracts
import Foundation
import Matrix
import Web

/// Takes what users tell the server's administrators.
/// [Reporting content](https://spec.matrix.org/v1.19/client-server-api/#reporting-content)
struct Reporting: Sendable {
    let serverName: String
    let roomserver: any RoomserverAPI
    let users: any UserAPI

    private struct Body: Decodable {
        var reason: String?
        var score: Int64?
    }

    private struct Reason: Decodable { var reason: String }

    func event(_ request: Request) async throws -> Nothing {
        let body = try request.decode(Body.self)
        if let score = body.score, !(-100...0).contains(score) { throw MatrixError.badJSON("score is from -100 to 0") }
        let eventID = try validEventID(try request.parameters["eventId"])
        return try await report(
            .event(roomID: try request.roomID(), eventID: eventID), body.reason, score: body.score, request)
    }

    func room(_ request: Request) async throws -> Nothing {
        try await report(.room(roomID: try request.roomID()), try request.decode(Reason.self).reason, request)
    }

    func user(_ request: Request) async throws -> Nothing {
        let userID = try validUserID(try request.parameters["userId"])
        let reason = try request.decode(Reason.self).reason
        if UserID(userID)?.server == serverName { _ = try await users.call(QueryProfile(userID: userID)) }
        return try await report(.user(userID: userID), reason, request)
    }

    private func report(
        _ subject: Report.Subject, _ reason: String?, score: Int64? = nil, _ request: Request
    ) async throws -> Nothing {
        _ = try await roomserver.call(
            Report(
                key: UUID().uuidString, reporter: try request.requireCaller().userID, subject: subject, reason: reason,
                score: score))
        return Nothing()
    }
}
