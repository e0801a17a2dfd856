import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /account/password`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpassword)
    func changePassword(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        let authentication = InteractiveAuthentication(
            operation: "POST /account/password", userID: caller.userID, flows: [[.password]], users: users)
        switch try await authentication.check(try request.object()) {
        case .needed(let response): return response
        case .passed(let passed):
            let change = SetPassword(
                userID: caller.userID, password: try passed.parameters.string("new_password"),
                logoutDevices: try passed.parameters.optionalBool("logout_devices") ?? true, keptDeviceID: caller.deviceID)
            _ = try await users.call(change)
            return .empty
        }
    }
}
