import Matrix
import Web

extension FederationAPI {
    /// What the federationapi serves, in the order of the specification.
    var federationRoutes: [Endpoint] {
        let binding = AddressBinding(serverName: config.serverName, roomserver: roomserver, keys: identityKeys, logger: logger)
        return [
            // Server discovery
            .get("/.well-known/matrix/server", .open) { _ in try delegation() },
            // Server implementation
            .get("/_matrix/federation/v1/version", .open) { _ in Implementation() },
            // Inviting: the specification says PUT, identity servers and the other homeservers say POST
            .put("/_matrix/federation/v1/3pid/onbind", .open) { try await binding.receive($0) },
            .post("/_matrix/federation/v1/3pid/onbind", .open) { try await binding.receive($0) },
            // OpenID
            .get("/_matrix/federation/v1/openid/userinfo", .open) { try await OpenIDUserInfo($0, users: users) },
        ]
    }

    /// [Server discovery](https://spec.matrix.org/v1.19/server-server-api/#getwell-knownmatrixserver)
    private struct Delegation: Encodable, Sendable {
        var server: String
        enum CodingKeys: String, CodingKey { case server = "m.server" }
    }

    private func delegation() throws -> Delegation {
        guard let name = config.wellKnownServerName, !name.isEmpty else {
            throw MatrixError.notFound("This server is not delegated")
        }
        return Delegation(server: name)
    }

    /// [Server implementation](https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1version)
    private struct Implementation: Encodable, Sendable {
        var server = ["name": "Dendrite (Swift)", "version": "0.1"]
    }
}
