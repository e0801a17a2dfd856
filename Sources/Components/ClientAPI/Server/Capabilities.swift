import Matrix
import Web

extension ClientAPI {
    /// [`GET /capabilities`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3capabilities)
    func capabilities(_ request: Request) async throws -> Response {
        let versions = JSONObject(RoomVersion.allCases.map { ($0.string, $0.isStable ? "stable" : "unstable") })
        let yes: JSON = ["enabled": true], no: JSON = ["enabled": false]
        var capabilities: JSONObject = [
            "m.room_versions": ["default": .string(config.defaultRoomVersion.string), "available": .object(versions)],
            "m.change_password": yes, "m.set_displayname": yes, "m.set_avatar_url": yes, "m.profile_fields": yes,
            "m.3pid_changes": config.takesEmail ? yes : no, "m.get_login_token": yes, "m.forget_forced_upon_leave": no,
        ]
        if try request.requireCaller().isAdmin { capabilities["m.account_moderation"] = ["suspend": true, "lock": true] }
        return .object(["capabilities": .object(capabilities)])
    }
}
