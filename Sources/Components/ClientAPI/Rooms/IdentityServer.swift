import Crypto
import Logging
import Matrix
import Web

/// An identity server that the operator trusts, asked with the token of the user in whose name it is asked.
/// [Identity service API](https://spec.matrix.org/v1.19/identity-service-api/)
struct IdentityServer: Sendable {
    let name: String
    let token: String
    let client: HTTPClient
    let logger: Logger

    /// Whose address it is; nil: it does not know.
    func user(with address: String, medium: String) async throws -> String? {
        let details = try await ask(.get, "hash_details", nil)
        guard let pepper = details["lookup_pepper"]?.string,
            details["algorithms"]?.array?.contains("sha256") == true
        else { throw unclear }
        let hash = Base64.encode(Array(SHA256.hash(data: Array("\(address) \(medium) \(pepper)".utf8))), .urlSafe)
        let found = try await ask(
            .post, "lookup", ["addresses": [.string(hash)], "algorithm": "sha256", "pepper": .string(pepper)])
        return found["mappings"]?[hash]?.string.flatMap { UserID($0) == nil ? nil : $0 }
    }

    /// Has an invite kept until somebody shows that the address is theirs.
    func store(_ invite: JSONObject) async throws -> (token: String, content: JSONObject) {
        let stored = try await ask(.post, "store-invite", invite)
        guard let token = stored["token"]?.string, !token.isEmpty, let keys = stored["public_keys"]?.array?.prefix(8),
            let first = keys.first?.object, let name = stored["display_name"]?.string
        else { throw unclear }
        var content: JSONObject = ["display_name": .string(name), "public_keys": .array(Array(keys))]
        content["public_key"] = first["public_key"]
        content["key_validity_url"] = first["key_validity_url"]
        return (token, content)
    }

    private func ask(_ method: Web.Method, _ path: String, _ body: JSONObject?) async throws -> JSONObject {
        do {
            let reply = try await client.request(
                method, "https://\(name)/_matrix/identity/v2/\(path)",
                headers: ["Authorization": "Bearer \(token)", "Content-Type": "application/json"], body: body?.serialized(),
                timeout: .seconds(15), maxResponseBytes: 64 << 10)
            guard reply.status == 200, let answer = try JSON(parsing: reply.body).object else {
                logger.warning("an identity server refused", metadata: ["server": "\(name)", "status": "\(reply.status)"])
                throw unclear
            }
            return answer
        } catch let error where !(error is CancellationError) && !(error is MatrixError) {
            logger.warning("an identity server cannot be asked", metadata: ["server": "\(name)", "error": "\(error)"])
            throw unclear
        }
    }

    private var unclear: MatrixError { MatrixError(status: 502, errcode: "M_UNKNOWN", error: "\(name) gives no answer") }
}
