import Contracts
import Matrix

/// Has somebody show a token that an administrator gave them. It is used up by the registration, not before.
/// [Token-authenticated registration](https://spec.matrix.org/v1.19/client-server-api/#token-authenticated-registration)
struct RegistrationTokenStage: Sendable {
    let users: any UserAPI

    func result(_ auth: JSONObject) async throws -> AuthenticationStage.Result {
        guard let token = auth["token"]?.string else {
            return .refused(MatrixError(status: 401, errcode: "M_MISSING_PARAM", error: "Missing auth.token"))
        }
        let found = try await users.call(QueryRegistrationTokens(token: token, isValid: true)).tokens
        guard !found.isEmpty else {
            return .refused(MatrixError(status: 401, errcode: "M_UNAUTHORIZED", error: "Invalid registration token"))
        }
        return .passed(registrationToken: token)
    }
}
