import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`GET /register/m.login.registration_token/validity`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1registermloginregistration_tokenvalidity)
    func registrationTokenValidity(_ request: Request) async throws -> Response {
        if config.registrationDisabled { throw MatrixError.forbidden("Registration is not enabled on this homeserver") }
        let query = QueryRegistrationTokens(token: try request.query.require("token"), isValid: true)
        let isValid = try await !users.call(query).tokens.isEmpty
        return .object(["valid": .bool(isValid)])
    }
}
