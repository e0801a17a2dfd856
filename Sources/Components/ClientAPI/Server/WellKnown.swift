import Matrix
import Web

extension ClientAPI {
    /// [`GET /.well-known/matrix/client`](https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixclient)
    func wellKnown(_: Request) async throws -> Response {
        guard let body = wellKnownBody else { throw MatrixError.notFound("No well-known information is configured") }
        return .object(body)
    }

    /// Where clients find this server, where somebody has said so.
    var wellKnownBody: JSONObject? {
        config.wellKnownClientURL.map { ["m.homeserver": ["base_url": .string($0)]] }
    }
}
