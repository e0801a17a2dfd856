import Logging
import Matrix
import Web

/// The keys that identity servers sign third-party invites with. Only servers that the operator trusts are asked whether one is
/// still valid, since anybody may name any.
/// [Third-party invites](https://spec.matrix.org/v1.19/client-server-api/#third-party-invites)
public struct IdentityKeys: Sendable {
    private let trusted: [String]
    private let roomserver: any RoomserverAPI
    private let client: HTTPClient
    private let logger: Logger

    public init(trusted: [String], roomserver: any RoomserverAPI, client: HTTPClient, logger: Logger) {
        self.trusted = trusted
        self.roomserver = roomserver
        self.client = client
        self.logger = logger
    }

    /// Refuses what was signed with a key that its identity server has revoked. Errors: M_FORBIDDEN, M_MISSING_PARAM.
    public func check(_ signed: JSONObject, in roomID: String) async throws {
        guard let token = signed["token"]?.string else { throw MatrixError.missingParam("What was signed has no token") }
        let content: JSONObject
        do {
            content = try await roomserver.call(QueryThirdPartyInvite(roomID: roomID, token: token)).content.object ?? [:]
        } catch let error as MatrixError where error.status == 404 {
            throw MatrixError.forbidden("The room knows no such third-party invite")
        }
        for key in ([.object(content)] + (content["public_keys"]?.array ?? [])).prefix(8) {
            guard let key = key.object, let url = key["key_validity_url"]?.string, let text = key["public_key"]?.string,
                trusted.contains(where: { url.hasPrefix("https://\($0)/") })
            else { continue }
            guard try await isValid(text, by: url) else { throw MatrixError.forbidden("The key that signed the invite is not valid") }
        }
    }

    /// Whether a key is still valid; one of which that cannot be learned is not.
    private func isValid(_ key: String, by url: String) async throws -> Bool {
        do {
            let reply = try await client.request(
                .get, "\(url)?public_key=\(percentEncoded(key))", timeout: .seconds(15), maxResponseBytes: 64 << 10)
            return try reply.status == 200 && JSON(parsing: reply.body)["valid"]?.bool == true
        } catch let error where !(error is CancellationError) {
            logger.warning("a key cannot be checked", metadata: ["url": "\(url)", "error": "\(error)"])
            return false
        }
    }
}
