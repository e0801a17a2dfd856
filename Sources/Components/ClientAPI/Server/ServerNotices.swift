import Contracts
import Foundation
import Matrix
import Web

/// Lets administrators say something to a user in the name of the server, by Synapse's endpoint, which Dendrite has too.
/// [Server notices](https://spec.matrix.org/v1.19/client-server-api/#server-notices)
struct ServerNotices: Sendable {
    let config: ClientAPIConfig.ServerNotices
    let serverName: String
    let roomserver: any RoomserverAPI
    let users: any UserAPI

    private struct Body: Decodable {
        var userID: String
        var type: String?
        var stateKey: String?
        var content: RawJSON
        enum CodingKeys: String, CodingKey {
            case type, content
            case userID = "user_id"
            case stateKey = "state_key"
        }
    }

    func send(_ request: Request) async throws -> Sending.Sent {
        let body = try request.decode(Body.self)
        guard UserID(body.userID)?.server == serverName else {
            throw MatrixError.invalidParam("Server notices can only be sent to users of this server")
        }
        guard body.content.object != nil else { throw MatrixError.badJSON("The content of an event is a JSON object") }
        _ = try await users.call(QueryProfile(userID: body.userID))
        let caller = try request.requireCaller()
        let reply = try await roomserver.call(
            SendServerNotice(
                key: "\(caller.userID) \(request.parameters.optional("txnId") ?? UUID().uuidString)", sender: try await sender(),
                userID: body.userID, type: body.type ?? "m.room.message", stateKey: body.stateKey, content: body.content))
        try await tag(reply.roomID, of: body.userID)
        return Sending.Sent(eventID: reply.eventID)
    }

    /// The server's own account, made when it is first needed.
    private func sender() async throws -> SendServerNotice.Sender {
        let userID = try await users.call(
            RegisterAccount(
                localpart: config.localpart, password: nil, kind: .appservice, isAdmin: false, device: nil, key: "server notices by \(config.localpart)")
        ).userID
        let known = try await users.call(QueryProfile(userID: userID)).fields.object ?? [:]
        for (field, value) in [("displayname", config.displayName), ("avatar_url", config.avatarURL)]
        where known[field]?.string != value {
            _ = try await users.call(
                SetProfileField(userID: userID, field: field, value: value.map { RawJSON(JSON.string($0)) }))
        }
        return SendServerNotice.Sender(
            userID: userID, displayName: config.displayName, avatarURL: config.avatarURL, roomName: config.roomName)
    }

    /// Clients know the room by this tag.
    private func tag(_ roomID: String, of userID: String) async throws {
        var content: JSONObject = [:]
        do {
            content = try await users.call(QueryAccountData(userID: userID, roomID: roomID, type: "m.tag")).content.object ?? [:]
        } catch let error as MatrixError where error.status == 404 {}
        var tags = content["tags"]?.object ?? [:]
        if tags["m.server_notice"] != nil { return }
        tags["m.server_notice"] = [:]
        content["tags"] = .object(tags)
        _ = try await users.call(SetAccountData(userID: userID, roomID: roomID, type: "m.tag", content: RawJSON(content)))
    }
}
