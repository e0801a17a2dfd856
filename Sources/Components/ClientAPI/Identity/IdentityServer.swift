import Crypto
import Logging
import Matrix
import Web

/// An identity server that the operator trusts.
/// [Identity service API](https://spec.matrix.org/v1.19/identity-service-api/)
struct IdentityServer: Sendable {
    let name: String
    let client: HTTPClient
    let logger: Logger

    /// Whose address it is; nil: it does not know.
    /// - Parameter token: of the user in whose name it is asked.
    func user(with address: String, medium: String, token: String) async throws -> String? {
        let details = try await answer(.get, "hash_details", nil, token)
        guard let pepper = details["lookup_pepper"]?.string,
            details["algorithms"]?.array?.contains("sha256") == true
        else { throw unclear }
        let hash = Base64.encode(Array(SHA256.hash(data: Array("\(address) \(medium) \(pepper)".utf8))), .urlSafe)
        let found = try await answer(
            .post, "lookup", ["addresses": [.string(hash)], "algorithm": "sha256", "pepper": .string(pepper)], token)
        return found["mappings"]?[hash]?.string.flatMap { UserID($0) == nil ? nil : $0 }
    }

    /// Has an invite kept until somebody shows that the address is theirs.
    func store(_ invite: JSONObject, token: String) async throws -> (token: String, content: JSONObject) {
        let stored = try await answer(.post, "store-invite", invite, token)
        guard let token = stored["token"]?.string, !token.isEmpty, let keys = stored["public_keys"]?.array?.prefix(8),
            let first = keys.first?.object, let name = stored["display_name"]?.string
        else { throw unclear }
        var content: JSONObject = ["display_name": .string(name), "public_keys": .array(Array(keys))]
        content["public_key"] = first["public_key"]
        content["key_validity_url"] = first["key_validity_url"]
        return (token, content)
    }

    /// Asks with whatever shows who asks, for whatever the answer is. Errors: M_CONNECTION_FAILED.
    func ask(
        _ method: Web.Method, _ path: String, _ body: JSONObject?, authorization: String
    ) async throws -> HTTPClient.Reply {
        do {
            return try await client.request(
                method, "https://\(name)\(path)",
                headers: ["Content-Type": "application/json", "Authorization": authorization], body: body?.serialized(),
                timeout: .seconds(15), maxResponseBytes: 64 << 10)
        } catch let error as HTTPClient.Failure {
            logger.warning("an identity server does not answer", metadata: ["server": "\(name)", "error": "\(error)"])
            throw MatrixError.connectionFailed("The identity server does not answer")
        }
    }

    /// The same in a user's name, where there is nothing to do without an answer.
    private func answer(_ method: Web.Method, _ path: String, _ body: JSONObject?, _ token: String) async throws -> JSONObject {
        let reply = try await ask(method, "/_matrix/identity/v2/\(path)", body, authorization: "Bearer \(token)")
        guard reply.status == 200, let answer = (try? JSON(parsing: reply.body))?.object else {
            logger.warning("an identity server refused", metadata: ["server": "\(name)", "status": "\(reply.status)"])
            throw unclear
        }
        return answer
    }

    private var unclear: MatrixError { MatrixError(status: 502, errcode: "M_UNKNOWN", error: "\(name) gives no answer") }
}
