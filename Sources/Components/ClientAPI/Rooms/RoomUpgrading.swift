import Contracts
import Foundation
import Matrix
import Web

/// Replaces rooms by ones of another version.
/// [Room upgrades](https://spec.matrix.org/v1.19/client-server-api/#room-upgrades)
struct RoomUpgrading: Sendable {
    let roomserver: any RoomserverAPI
    let users: any UserAPI

    private struct Body: Decodable {
        var version: String
        var additionalCreators: [String]?
        enum CodingKeys: String, CodingKey {
            case version = "new_version"
            case additionalCreators = "additional_creators"
        }
    }

    struct Upgraded: Encodable, Sendable {
        var replacementRoom: String
        enum CodingKeys: String, CodingKey { case replacementRoom = "replacement_room" }
    }

    func callAsFunction(_ request: Request) async throws -> Upgraded {
        let userID = try request.requireCaller().userID
        let body = try request.decode(Body.self)
        guard RoomVersion(body.version) != nil else {
            throw MatrixError.unsupportedRoomVersion("This server does not know room version “\(body.version.prefix(64))”")
        }
        let creators = try (body.additionalCreators ?? []).map(validUserID)
        let roomID = try request.roomID()
        let reply = try await roomserver.call(
            UpgradeRoom(
                key: UUID().uuidString, roomID: roomID, userID: userID, version: body.version,
                additionalCreators: creators))
        _ = try await users.call(CarryRoomSettings(userID: userID, from: roomID, to: reply.replacementRoom))
        return Upgraded(replacementRoom: reply.replacementRoom)
    }
}
