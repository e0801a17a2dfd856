import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`GET /register/available`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3registeravailable)
    func usernameAvailability(_ request: Request) async throws -> Response {
        let username = try request.query.require("username")
        _ = try await users.call(QueryAccountAvailability(localpart: username.lowercased()))
        return .object(["available": true])
    }
}
