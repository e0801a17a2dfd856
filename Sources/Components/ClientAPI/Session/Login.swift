import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`GET /login`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3login)
    func loginFlows(_: Request) async throws -> Response {
        .object(["flows": [["type": "m.login.password"]]])
    }

    /// [`POST /login`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3login)
    func logIn(_ request: Request) async throws -> Response {
        let body = try request.object()
        guard try body.string("type") == "m.login.password" else {
            throw MatrixError.unknown("Unknown login type", status: 400)
        }
        let user = try UserIdentifier.user(in: body)
        let owner = try await users.call(AuthenticatePassword(user: user, password: try body.string("password")))
        let token = AccessToken.random()
        let created = try await users.call(
            CreateDevice(userID: owner.userID, device: try request.newDevice(token, body)))
        return loggedIn(owner.userID, token: token, deviceID: created.deviceID)
    }

    /// What a client is told that has a device now.
    func loggedIn(_ userID: String, token: String, deviceID: String) -> Response {
        var body: JSONObject = [
            "user_id": .string(userID), "access_token": .string(token), "device_id": .string(deviceID),
            "home_server": .string(config.serverName),
        ]
        if let wellKnownBody { body["well_known"] = .object(wellKnownBody) }
        return .object(body)
    }
}
