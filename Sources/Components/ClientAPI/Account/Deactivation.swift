import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /account/deactivate`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate)
    func deactivate(_ request: Request) async throws -> Response {
        let owner = AccountOwner(operation: "POST /account/deactivate", takesEmail: config.takesEmail, users: users)
        switch try await owner.check(request) {
        case .needed(let response): return response
        case .known(let userID, let passed):
            let erases = try passed.parameters.optionalBool("erase") ?? false
            _ = try await users.call(DeactivateAccount(userID: userID, erases: erases))
            let isUnbound = try await bindings.unbindAll(of: userID)
            return .object(["id_server_unbind_result": isUnbound ? "success" : "no-support"])
        }
    }
}
