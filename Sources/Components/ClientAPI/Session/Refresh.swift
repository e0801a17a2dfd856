import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /refresh`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3refresh)
    func refresh(_ request: Request) async throws -> Response {
        let shown = try request.object().string("refresh_token"), tokens = DeviceTokens.random()
        let refreshed = try await users.call(
            RefreshAccessToken(refreshToken: shown, newAccessToken: tokens.access, newRefreshToken: tokens.refresh))
        return .object([
            "access_token": .string(tokens.access), "refresh_token": .string(tokens.refresh),
            "expires_in_ms": .integer(refreshed.expiresInMS),
        ])
    }
}
