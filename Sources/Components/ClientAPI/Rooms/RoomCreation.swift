import Contracts
import Foundation
import Matrix
import Web

/// Makes rooms: turns what a client asks for into the events that say it.
/// [POST /createRoom](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom)
struct RoomCreation: Sendable {
    let serverName: String
    let defaultVersion: RoomVersion
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let membership: Membership

    private var invitees: Invitees { Invitees(serverName: serverName, users: users) }

    struct Created: Encodable, Sendable {
        var roomID: String
        enum CodingKeys: String, CodingKey { case roomID = "room_id" }
    }

    /// The most that one request may invite or set.
    private static let most = 500
    private static let mostAddresses = 20

    func callAsFunction(_ request: Request) async throws -> Created {
        let asked = try request.decodeOptional(RoomCreationRequest.self)
        let creator = try request.requireCaller().userID
        let invited = try (asked.invite ?? []).map(validUserID)
        guard invited.count + (asked.initialState?.count ?? 0) <= Self.most else {
            throw MatrixError.invalidParam("More than \(Self.most) invites and state events at once")
        }
        let addresses = asked.invite3PID ?? []
        guard addresses.count <= Self.mostAddresses else {
            throw MatrixError.invalidParam("More than \(Self.mostAddresses) invites by address at once")
        }
        for address in addresses { try membership.thirdParties.check(address) }
        let version = try asked.roomVersion.map { text in
            guard let version = RoomVersion(text) else {
                throw MatrixError.unsupportedRoomVersion("This server does not know room version “\(text.prefix(64))”")
            }
            return version
        }
        let alias = try asked.roomAliasName.map(fullAlias)
        let events = RoomCreationEvents(
            asked: asked, creator: creator, invited: invited, alias: alias, version: version ?? defaultVersion)
        var drafts = try events.drafts(profile: try await memberProfile(of: creator, users))
        for userID in invited {
            drafts.append(events.invitation(of: userID, profile: try await invitees.profile(of: userID)))
        }
        let reply = try await roomserver.call(
            CreateRoom(
                key: UUID().uuidString, creator: creator, roomVersion: (version ?? defaultVersion).rawValue,
                creationContent: RawJSON(events.creationContent), drafts: drafts, alias: alias,
                published: asked.visibility == .public))
        for address in addresses {
            guard let known = try await membership.thirdParties.invite(address, to: reply.roomID, by: creator) else { continue }
            _ = try await membership.invite(
                known, to: reply.roomID, by: creator, reason: nil, isDirect: asked.isDirect ?? false)
        }
        return Created(roomID: reply.roomID)
    }

    private func fullAlias(_ localpart: String) throws -> String {
        guard !localpart.isEmpty, !localpart.contains(":"), !localpart.contains(where: \.isWhitespace),
            let alias = RoomAlias(localpart: localpart, server: serverName)
        else {
            throw MatrixError.invalidParam("“\(localpart.prefix(255))” cannot be the first part of a room alias")
        }
        return alias.string
    }
}
