import Matrix
import Web

/// What bridges tell of other networks: nothing, as there are none.
/// [Third-party lookup](https://spec.matrix.org/v1.19/client-server-api/#third-party-networks)
enum ThirdPartyNetworks {
    /// `GET /thirdparty/protocols`
    static func protocols(_: Request) async throws -> Response { .empty }

    /// The other endpoints below `/thirdparty/`.
    static func nothing(_: Request) async throws -> Response {
        throw MatrixError.notFound("No bridge of this server knows that")
    }
}
