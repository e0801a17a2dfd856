import Contracts
import Foundation
import Matrix
import Topics
import Web

/// Who is there, as users say it of themselves and ask it of others. Where it is not told at all, everybody seems offline.
/// [Presence](https://spec.matrix.org/v1.19/client-server-api/#presence)
struct UserPresence: Sendable {
    let isTold: Bool
    let sync: any SyncServerAPI
    let bus: any Bus

    private static let longestStatus = 1024

    func set(_ request: Request) async throws -> Nothing {
        struct Body: Decodable {
            var presence: String
            var statusMessage: String?
            enum CodingKeys: String, CodingKey {
                case presence
                case statusMessage = "status_msg"
            }
        }
        let userID = try request.requireCaller().userID
        guard try request.parameters["userId"] == userID else {
            throw MatrixError.forbidden("You cannot set the presence of another user")
        }
        let body = try request.decode(Body.self)
        guard let state = PresenceUpdate.State(rawValue: body.presence) else {
            throw MatrixError.badJSON("presence must be online, unavailable or offline")
        }
        guard body.statusMessage?.utf8.count ?? 0 <= Self.longestStatus else {
            throw MatrixError.invalidParam("status_msg is longer than \(Self.longestStatus) bytes")
        }
        guard isTold else { return Nothing() }
        try await bus.publish(
            PresenceUpdate(userID: userID, state: state, statusMessage: body.statusMessage), to: .outputPresenceEvent, key: userID,
            id: UUID().uuidString, requestID: request.requestID)
        return Nothing()
    }

    struct Status: Encodable, Sendable {
        var presence: String
        var statusMessage: String?
        var lastActiveAgo: Int64?
        var isActive: Bool?

        enum CodingKeys: String, CodingKey {
            case presence
            case statusMessage = "status_msg"
            case lastActiveAgo = "last_active_ago"
            case isActive = "currently_active"
        }
    }

    /// Errors: M_FORBIDDEN where the two share no room.
    func get(_ request: Request) async throws -> Status {
        let caller = try request.requireCaller().userID, userID = try request.parameters["userId"]
        guard UserID(userID) != nil else { throw MatrixError.invalidParam("“\(userID.prefix(64))” is not a user ID") }
        guard isTold else { return Status(presence: PresenceUpdate.State.offline.rawValue) }
        let known = try await sync.call(QueryPresence(userID: userID, askedBy: caller))
        return Status(
            presence: known.presence, statusMessage: known.statusMessage, lastActiveAgo: known.lastActiveAgo,
            isActive: known.isActive)
    }
}
