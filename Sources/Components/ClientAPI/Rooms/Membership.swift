import Contracts
import Matrix
import Web

/// Moves users in and out of rooms.
/// [Room membership](https://spec.matrix.org/v1.19/client-server-api/#room-membership)
struct Membership: Sendable {
    let serverName: String
    let roomserver: any RoomserverAPI
    let users: any UserAPI

    struct Joined: Encodable, Sendable {
        var roomID: String
        enum CodingKeys: String, CodingKey { case roomID = "room_id" }
    }

    func join(_ request: Request) async throws -> Joined { try await join(try request.roomID(), request) }

    func joinByIDOrAlias(_ request: Request) async throws -> Joined {
        let text = try request.parameters["roomIdOrAlias"]
        if text.hasPrefix("#") {
            guard let alias = RoomAlias(text) else { throw MatrixError.invalidParam("“\(text.prefix(255))” is not a room alias") }
            return try await join(try await roomserver.call(QueryRoomAlias(alias: alias.string)).roomID, request)
        }
        guard RoomID(text) != nil else { throw MatrixError.invalidParam("“\(text.prefix(255))” is no room ID or alias") }
        return try await join(text, request)
    }

    private func join(_ roomID: String, _ request: Request) async throws -> Joined {
        let userID = try request.requireCaller().userID
        var content = try request.decodeOptional(JSONObject.self)
        content["third_party_signed"] = nil
        content["membership"] = nil
        content = content.merging(try await memberProfile(of: userID, users))
        try await change(.join, roomID, of: userID, by: userID, content)
        return Joined(roomID: roomID)
    }

    private struct Target: Decodable {
        var userID: String
        var reason: String?
        enum CodingKeys: String, CodingKey {
            case reason
            case userID = "user_id"
        }
    }

    private struct Reason: Decodable { var reason: String? }

    func invite(_ request: Request) async throws -> Nothing {
        let target = try request.decode(Target.self)
        let userID = try validUserID(target.userID)
        var content = reason(target.reason)
        if UserID(userID)?.server == serverName { content = content.merging(try await memberProfile(of: userID, users)) }
        return try await change(.invite, try request.roomID(), of: userID, by: try request.requireCaller().userID, content)
    }

    func leave(_ request: Request) async throws -> Nothing {
        let userID = try request.requireCaller().userID
        let content = reason(try request.decodeOptional(Reason.self).reason)
        return try await change(.leave, try request.roomID(), of: userID, by: userID, content)
    }

    func kick(_ request: Request) async throws -> Nothing { try await change(.kick, request) }
    func ban(_ request: Request) async throws -> Nothing { try await change(.ban, request) }
    func unban(_ request: Request) async throws -> Nothing { try await change(.unban, request) }

    func forget(_ request: Request) async throws -> Nothing {
        _ = try await roomserver.call(ForgetRoom(roomID: try request.roomID(), userID: try request.requireCaller().userID))
        return Nothing()
    }

    private func change(_ action: ChangeMembership.Action, _ request: Request) async throws -> Nothing {
        let target = try request.decode(Target.self)
        return try await change(
            action, try request.roomID(), of: try validUserID(target.userID), by: try request.requireCaller().userID,
            reason(target.reason))
    }

    @discardableResult
    private func change(
        _ action: ChangeMembership.Action, _ roomID: String, of target: String, by sender: String, _ content: JSONObject
    ) async throws -> Nothing {
        _ = try await roomserver.call(
            ChangeMembership(roomID: roomID, action: action, sender: sender, target: target, content: RawJSON(content)))
        return Nothing()
    }

    private func reason(_ reason: String?) -> JSONObject {
        var content: JSONObject = [:]
        content["reason"] = reason.map { .string($0) }
        return content
    }
}

/// What a member event says of a local user: name and avatar, where they are set. Nobody's profile is empty.
func memberProfile(of userID: String, _ users: any UserAPI) async throws -> JSONObject {
    var content: JSONObject = [:]
    do {
        let profile = try await users.call(QueryProfile(userID: userID)).fields.object ?? [:]
        for key in ["displayname", "avatar_url"] { content[key] = profile[key] }
    } catch let error as MatrixError where error.status == 404 {}
    return content
}

extension JSONObject {
    /// Both, the other's values where they meet.
    func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in other { merged[key] = value }
        return merged
    }
}
