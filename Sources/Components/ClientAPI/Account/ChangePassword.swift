import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /account/password`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpassword)
    func changePassword(_ request: Request) async throws -> Response {
        if request.caller?.isGuest == true { throw MatrixError.guestAccessForbidden() }
        let owner = AccountOwner(operation: "POST /account/password", takesEmail: config.takesEmail, users: users)
        switch try await owner.check(request) {
        case .needed(let response): return response
        case .known(let userID, let passed):
            let change = SetPassword(
                userID: userID, password: try passed.parameters.string("new_password"),
                logoutDevices: try passed.parameters.optionalBool("logout_devices") ?? true,
                keptDeviceID: request.caller?.deviceID, validation: passed.validation)
            _ = try await users.call(change)
            return .empty
        }
    }
}
