import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /user/{userId}/openid/request_token`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridopenidrequest_token)
    func openIDToken(_ request: Request) async throws -> Response {
        let userID = try ownUserID(request)
        _ = try request.objectOrNothing()
        let token = AccessToken.random()
        let kept = try await users.call(CreateOpenIDToken(userID: userID, token: token))
        return .object([
            "access_token": .string(token), "token_type": "Bearer", "matrix_server_name": .string(config.serverName),
            "expires_in": .integer(kept.expiresInMS / 1000),
        ])
    }
}
