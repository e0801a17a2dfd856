import Matrix
import Web

extension ClientAPI {
    /// [`GET /account/whoami`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3accountwhoami)
    func whoAmI(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        var body: JSONObject = ["user_id": .string(caller.userID), "is_guest": .bool(caller.isGuest)]
        body["device_id"] = caller.deviceID.map { .string($0) }
        return .object(body)
    }
}
