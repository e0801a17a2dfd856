import Contracts
import Matrix

/// Those who are invited: what their member events show of them, if they take invites, as `m.invite_permission_config` says.
/// [Invite permission](https://spec.matrix.org/v1.19/client-server-api/#invite-permission)
struct Invitees: Sendable {
    let serverName: String
    let users: any UserAPI

    /// The name and picture of a user of this server; nothing of others.
    /// Errors: M_INVITE_BLOCKED.
    @discardableResult
    func profile(of userID: String) async throws -> JSONObject {
        guard UserID(userID)?.server == serverName else { return [:] }
        do {
            let found = try await users.call(QueryProfile(userID: userID, wantsInvitePermission: true))
            if found.invitePermission?.object?["default_action"]?.string == "block" {
                throw MatrixError(status: 403, errcode: "M_INVITE_BLOCKED", error: "\(userID) takes no invites")
            }
            return found.shownToRooms
        } catch let error as MatrixError where error.status == 404 {
            return [:]
        }
    }
}
