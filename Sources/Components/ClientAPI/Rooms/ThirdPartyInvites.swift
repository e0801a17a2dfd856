import Contracts
import Matrix

/// Invites by an address of e-mail, through identity servers that the operator trusts.
/// [Third-party invites](https://spec.matrix.org/v1.19/client-server-api/#third-party-invites)
struct ThirdPartyInvites: Sendable {
    let servers: IdentityServers
    let roomserver: any RoomserverAPI
    let users: any UserAPI

    /// Whom to invite, and who knows them.
    struct Address: Decodable, Sendable {
        var server: String
        var token: String
        var medium: String
        var address: String
        enum CodingKeys: String, CodingKey {
            case medium, address
            case server = "id_server"
            case token = "id_access_token"
        }
    }

    /// The server to ask. Refuses what would not be tried.
    @discardableResult
    func check(_ invite: Address) throws -> IdentityServer {
        let server = try servers.server(invite.server)
        guard invite.medium == "email" else { throw MatrixError.threepidMediumNotSupported("Only addresses of e-mail are known here") }
        guard invite.address.utf8.count <= 255, !invite.address.utf8.contains(0) else {
            throw MatrixError.invalidParam("The address is too long")
        }
        return server
    }

    /// The user who has the address, to be invited as others are; nil: who it will be is announced to the room.
    func invite(_ invite: Address, to roomID: String, by userID: String) async throws -> String? {
        let server = try check(invite)
        guard try await roomserver.call(QueryMembership(roomID: roomID, userID: userID)).membership == "join" else {
            throw MatrixError.forbidden("\(userID) is not in the room")
        }
        let address = invite.address.lowercased()
        if let known = try await server.user(with: address, medium: invite.medium, token: invite.token) { return known }
        var request: JSONObject = [
            "medium": .string(invite.medium), "address": .string(address), "room_id": .string(roomID), "sender": .string(userID),
        ]
        let profile = try await memberProfile(of: userID, users)
        request["sender_display_name"] = profile["displayname"]
        request["sender_avatar_url"] = profile["avatar_url"]
        for (type, field, name) in [
            ("m.room.name", "name", "room_name"), ("m.room.canonical_alias", "alias", "room_alias"),
            ("m.room.avatar", "url", "room_avatar_url"), ("m.room.join_rules", "join_rule", "room_join_rules"),
        ] {
            request[name] = try await state(type, field, in: roomID, asSeenBy: userID)
        }
        let stored = try await server.store(request, token: invite.token)
        let draft = Draft(
            type: "m.room.third_party_invite", stateKey: stored.token, sender: userID, content: RawJSON(stored.content))
        _ = try await roomserver.call(SendEvents(roomID: roomID, drafts: [draft]))
        return nil
    }

    private func state(_ type: String, _ field: String, in roomID: String, asSeenBy userID: String) async throws -> JSON? {
        do {
            let query = QueryStateEvent(roomID: roomID, userID: userID, type: type, stateKey: "")
            return try await roomserver.call(query).event.object?["content"]?[field]
        } catch let error as MatrixError where error.status == 404 {
            return nil
        }
    }
}
