import Contracts
import Matrix
import Web

/// Moves users in and out of rooms.
/// [Room membership](https://spec.matrix.org/v1.19/client-server-api/#room-membership)
struct Membership: Sendable {
    let serverName: String
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let thirdParties: ThirdPartyInvites
    let identityKeys: IdentityKeys

    private var invitees: Invitees { Invitees(serverName: serverName, users: users) }

    struct Joined: Encodable, Sendable {
        var roomID: String
        enum CodingKeys: String, CodingKey { case roomID = "room_id" }
    }

    func join(_ request: Request) async throws -> Joined { try await join(try request.roomID(), request) }

    func joinByIDOrAlias(_ request: Request) async throws -> Joined { try await join(try await namedRoom(request), request) }

    /// [Knocking on rooms](https://spec.matrix.org/v1.19/client-server-api/#knocking-on-rooms)
    func knock(_ request: Request) async throws -> Joined {
        let userID = try request.requireCaller().userID
        let said = reason(try request.decodeOptional(Reason.self).reason)
        let roomID = try await namedRoom(request)
        try await change(.knock, roomID, of: userID, by: userID, said.merging(try await memberProfile(of: userID, users)))
        return Joined(roomID: roomID)
    }

    /// The room that a path names by its ID or one of its aliases.
    private func namedRoom(_ request: Request) async throws -> String {
        let text = try request.parameters["roomIdOrAlias"]
        if text.hasPrefix("#") {
            guard let alias = RoomAlias(text) else { throw MatrixError.invalidParam("“\(text.prefix(255))” is not a room alias") }
            return try await roomserver.call(QueryRoomAlias(alias: alias.string)).roomID
        }
        guard RoomID(text) != nil else { throw MatrixError.invalidParam("“\(text.prefix(255))” is no room ID or alias") }
        return text
    }

    private func join(_ roomID: String, _ request: Request) async throws -> Joined {
        let userID = try request.requireCaller().userID
        var content = try request.decodeOptional(JSONObject.self)
        let signed = content["third_party_signed"]
        guard signed?.isNull ?? true || signed?.object != nil else {
            throw MatrixError.badJSON("third_party_signed is not an object")
        }
        for field in ["third_party_signed", "third_party_invite", "membership"] { content[field] = nil }
        content = content.merging(try await memberProfile(of: userID, users))
        if let signed = signed?.object { try await identityKeys.check(signed, in: roomID) }
        let joined = try await roomserver.call(
            ChangeMembership(
                roomID: roomID, action: .join, sender: userID, target: userID, content: RawJSON(content),
                isGuest: try request.requireCaller().isGuest, thirdPartySigned: signed?.object.map { RawJSON($0) }))
        if let old = joined.predecessor { _ = try await users.call(CarryRoomSettings(userID: userID, from: old, to: roomID)) }
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

    /// By user ID, or by an address that an identity server knows.
    func invite(_ request: Request) async throws -> Nothing {
        let inviter = try request.requireCaller().userID, roomID = try request.roomID()
        let body = try request.object()
        if body["user_id"] == nil, ["id_server", "id_access_token", "medium", "address"].contains(where: body.contains) {
            let address = try request.decode(ThirdPartyInvites.Address.self)
            guard let known = try await thirdParties.invite(address, to: roomID, by: inviter) else { return Nothing() }
            return try await invite(known, to: roomID, by: inviter, reason: nil)
        }
        let target = try request.decode(Target.self)
        return try await invite(try validUserID(target.userID), to: roomID, by: inviter, reason: target.reason)
    }

    func invite(
        _ userID: String, to roomID: String, by inviter: String, reason given: String?, isDirect: Bool = false
    ) async throws -> Nothing {
        var content = reason(given).merging(try await invitees.profile(of: userID))
        if isDirect { content["is_direct"] = true }
        return try await change(.invite, roomID, of: userID, by: inviter, content)
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
    do {
        return try await users.call(QueryProfile(userID: userID)).shownToRooms
    } catch let error as MatrixError where error.status == 404 {
        return [:]
    }
}

extension QueryProfile.Reply {
    /// What member events have of it.
    var shownToRooms: JSONObject {
        let profile = fields.object ?? [:]
        var shown: JSONObject = [:]
        for key in ["displayname", "avatar_url"] { shown[key] = profile[key] }
        return shown
    }
}

extension JSONObject {
    /// Both, the other's values where they meet.
    func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in other { merged[key] = value }
        return merged
    }
}
