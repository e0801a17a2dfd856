import Contracts
import Logging
import Matrix
import Web

/// Takes in what an identity server tells: a user of this server has shown that an address is theirs, and these invites waited for it.
/// Each becomes an invite of that user, if the room knows it and what was signed proves it.
/// [Third-party invites](https://spec.matrix.org/v1.19/server-server-api/#third-party-invites)
struct AddressBinding: Sendable {
    let serverName: String
    let roomserver: any RoomserverAPI
    let keys: IdentityKeys
    let logger: Logger

    private struct Binding: Decodable {
        var mxid: String
        var invites: [Invite]
    }

    private struct Invite: Decodable {
        var roomID: String
        var sender: String
        var signed: JSONObject
        enum CodingKeys: String, CodingKey {
            case sender, signed
            case roomID = "room_id"
        }
    }

    /// More invites than anybody waits for, in one message.
    private static let most = 100

    /// Errors: M_BAD_JSON, M_INVALID_PARAM; where invites cannot be taken in, and the others are, the last one's.
    func receive(_ request: Request) async throws -> JSONObject {
        let binding = try request.decode(Binding.self)
        guard UserID(binding.mxid)?.server == serverName else {
            throw MatrixError.invalidParam("mxid is not a user of this server")
        }
        guard binding.invites.count <= Self.most else { throw MatrixError.invalidParam("More than \(Self.most) invites") }
        var failure: MatrixError?
        for invite in binding.invites {
            do {
                try await accept(invite, for: binding.mxid)
            } catch let error as MatrixError {
                logger.notice(
                    "an invite by address is not taken in",
                    metadata: ["room": "\(invite.roomID.prefix(255))", "user": "\(binding.mxid)", "error": "\(error)"])
                failure = error
            }
        }
        if let failure { throw failure }
        return [:]
    }

    private func accept(_ invite: Invite, for userID: String) async throws {
        try await keys.check(invite.signed, in: invite.roomID)
        _ = try await roomserver.call(
            ChangeMembership(
                roomID: invite.roomID, action: .invite, sender: invite.sender, target: userID, content: RawJSON([:] as JSONObject),
                thirdPartySigned: RawJSON(invite.signed)))
    }
}
