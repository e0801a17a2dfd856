import Contracts
import Matrix
import Web

extension ClientAPI {
    /// `GET /profile/{userId}` ([profiles](https://spec.matrix.org/v1.19/client-server-api/#profiles))
    func profile(_ request: Request) async throws -> Response {
        .json(bytes: try await fields(of: try request.parameters["userId"]).bytes)
    }

    /// `GET /profile/{userId}/{keyName}` ([profiles](https://spec.matrix.org/v1.19/client-server-api/#profiles))
    func profileField(_ request: Request) async throws -> Response {
        let field = try ProfileField(try request.parameters["keyName"])
        let fields = try await fields(of: try request.parameters["userId"])
        guard let value = fields.object?[field.name] else {
            // Of these two clients ask everybody's; who has none is no error to them, as with Synapse.
            if field.name == "displayname" || field.name == "avatar_url" { return .object([:]) }
            throw MatrixError.notFound("Profile field not found")
        }
        return .object([field.name: value])
    }

    private func fields(of userID: String) async throws -> RawJSON {
        guard let parsed = UserID(userID) else { throw MatrixError.invalidParam("Not a user ID") }
        guard parsed.server == config.serverName else { throw MatrixError.notFound("Profile not found") }
        return try await users.call(QueryProfile(userID: userID)).fields
    }
}
