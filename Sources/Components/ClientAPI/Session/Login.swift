import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`GET /login`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3login)
    func loginFlows(_: Request) async throws -> Response {
        .object(["flows": [["type": "m.login.password"], ["type": "m.login.token", "get_login_token": true]]])
    }

    /// [`POST /login`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3login)
    func logIn(_ request: Request) async throws -> Response {
        let body = try request.object()
        let userID = try await userWhoLogsIn(body)
        let tokens = DeviceTokens.random()
        let created = try await users.call(CreateDevice(userID: userID, device: try request.newDevice(tokens, body)))
        return loggedIn(userID, tokens, deviceID: created.deviceID, expiresInMS: created.expiresInMS)
    }

    private func userWhoLogsIn(_ body: JSONObject) async throws -> String {
        switch try body.string("type") {
        case "m.login.password":
            let threePID = try UserIdentifier.threePID(in: body)
            let user = try threePID == nil ? UserIdentifier.user(in: body) : ""
            let call = AuthenticatePassword(user: user, password: try body.string("password"), threePID: threePID)
            return try await users.call(call).userID
        case "m.login.token":
            return try await users.call(SpendLoginToken(token: try body.string("token"))).userID
        default: throw MatrixError.unknown("Unknown login type", status: 400)
        }
    }

    /// What a client is told that has a device now.
    func loggedIn(_ userID: String, _ tokens: DeviceTokens, deviceID: String, expiresInMS: Int64?) -> Response {
        var body: JSONObject = [
            "user_id": .string(userID), "access_token": .string(tokens.access), "device_id": .string(deviceID),
            "home_server": .string(config.serverName),
        ]
        if let expiresInMS {
            body["refresh_token"] = .string(tokens.refresh)
            body["expires_in_ms"] = .integer(expiresInMS)
        }
        if let wellKnownBody { body["well_known"] = .object(wellKnownBody) }
        return .object(body)
    }
}
