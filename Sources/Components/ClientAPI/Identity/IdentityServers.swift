import Logging
import Matrix
import Web

/// The identity servers that the operator trusts: no other is spoken with, since anybody may name one.
struct IdentityServers: Sendable {
    let trusted: [String]
    let client: HTTPClient
    let logger: Logger

    /// Errors: M_SERVER_NOT_TRUSTED.
    func server(_ name: String) throws -> IdentityServer {
        guard ServerName(name) != nil, trusted.contains(name) else {
            throw MatrixError(
                status: 403, errcode: "M_SERVER_NOT_TRUSTED", error: "The identity server \(name.prefix(255)) is not trusted here")
        }
        return IdentityServer(name: name, client: client, logger: logger)
    }
}
