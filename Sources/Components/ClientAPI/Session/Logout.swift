import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /logout`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3logout)
    func logOut(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        if let deviceID = caller.deviceID {
            _ = try await users.call(DeleteDevices(userID: caller.userID, deviceIDs: [deviceID]))
        }
        return .empty
    }

    /// [`POST /logout/all`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3logoutall)
    func logOutEverywhere(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        _ = try await users.call(DeleteDevices(userID: caller.userID, deviceIDs: nil))
        return .empty
    }
}
