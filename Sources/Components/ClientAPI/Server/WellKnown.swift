import Matrix
import Web

extension ClientAPI {
    /// [`GET /.well-known/matrix/client`](https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixclient)
    func wellKnown(_: Request) async throws -> Response {
        guard let body = wellKnownBody else { throw MatrixError.notFound("No well-known information is configured") }
        return .object(body)
    }

    /// [`GET /.well-known/matrix/support`](https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixsupport)
    func support(_: Request) async throws -> Response {
        guard let support = config.support, !support.isEmpty else { throw MatrixError.notFound("Nobody is named for support") }
        var body: JSONObject = [:], contact: JSONObject = [:]
        contact["matrix_id"] = support.matrixID.map { .string($0) }
        contact["email_address"] = support.emailAddress.map { .string($0) }
        if !contact.isEmpty { body["contacts"] = [.object(contact.merging(["role": "m.role.admin"]))] }
        body["support_page"] = support.page.map { .string($0) }
        return .object(body)
    }

    /// [`GET /.well-known/matrix/policy_server`](https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixpolicy_server):
    /// this is none.
    func policyServer(_: Request) async throws -> Response { throw MatrixError.notFound("This is no policy server") }

    /// Where clients find this server, where somebody has said so.
    var wellKnownBody: JSONObject? {
        config.wellKnownClientURL.map { ["m.homeserver": ["base_url": .string($0)]] }
    }
}
