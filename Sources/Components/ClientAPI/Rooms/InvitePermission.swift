import Contracts
import Matrix

/// Whether users of this server take invites, as they say in `m.invite_permission_config`.
/// [Invite permission](https://spec.matrix.org/v1.19/client-server-api/#invite-permission)
struct InvitePermission: Sendable {
    let serverName: String
    let users: any UserAPI

    /// Errors: M_INVITE_BLOCKED.
    func require(of userID: String) async throws {
        guard UserID(userID)?.server == serverName else { return }
        let query = QueryAccountData(userID: userID, roomID: nil, type: "m.invite_permission_config")
        do {
            guard try await users.call(query).content.object?["default_action"]?.string == "block" else { return }
        } catch let error as MatrixError where error.status == 404 {
            return
        }
        throw MatrixError(status: 403, errcode: "M_INVITE_BLOCKED", error: "\(userID) takes no invites")
    }
}
