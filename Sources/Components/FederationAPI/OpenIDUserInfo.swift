import Contracts
import Matrix
import Web

/// Tells whoever was given an OpenID token whose it is.
/// [OpenID](https://spec.matrix.org/v1.19/server-server-api/#openid)
struct OpenIDUserInfo: Encodable, Sendable {
    /// The user ID.
    var sub: String

    init(_ request: Request, users: any UserAPI) async throws {
        guard let token = request.accessToken, !token.isEmpty else { throw MatrixError.missingToken() }
        guard token.utf8.count <= 512 else { throw MatrixError.unknownToken() }
        sub = try await users.call(QueryOpenIDToken(token: token)).userID
    }
}
