import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /login/get_token`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv1loginget_token)
    func loginToken(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        let authentication = InteractiveAuthentication(
            operation: "POST /login/get_token", userID: caller.userID, flows: [[.password]], isForOnce: true, users: users)
        switch try await authentication.check(try request.objectOrNothing()) {
        case .needed(let response): return response
        case .passed:
            let token = AccessToken.random()
            let kept = try await users.call(CreateLoginToken(userID: caller.userID, token: token))
            return .object(["login_token": .string(token), "expires_in_ms": .integer(kept.expiresInMS)])
        }
    }
}
