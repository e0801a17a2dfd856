import Contracts
import Logging
import Matrix
import Web

/// Tells identity servers which addresses are whose, and when that is over.
/// [Identity service](https://spec.matrix.org/v1.19/identity-service-api/#establishing-associations)
struct AddressBindings: Sendable {
    let servers: IdentityServers
    let users: any UserAPI
    let rooms: any RoomserverAPI
    let logger: Logger

    /// Has a server hold an address, which the user has proved to it, for the user's.
    func bind(_ server: String, sid: String, clientSecret: String, token: String, to userID: String) async throws {
        let asked = try servers.server(server)
        let body: JSONObject = [
            "sid": .string(sid), "client_secret": .string(clientSecret), "mxid": .string(userID),
        ]
        let reply = try await asked.ask(.post, "/_matrix/identity/v2/3pid/bind", body, authorization: "Bearer \(token)")
        guard reply.status == 200 else { throw MatrixError(status: reply.status, body: reply.body) }
        let answer = (try? JSON(parsing: reply.body))?.object ?? [:]
        guard let medium = answer["medium"]?.string, let address = answer["address"]?.string else { return }
        let binding = ThreePIDBinding(threePID: ThreePID(medium: medium, address: address), idServer: server)
        _ = try await users.call(NoteThreePIDBinding(userID: userID, binding: binding, isBound: true))
    }

    /// Has the server that is named forget an address, or else all that were told of it; false where one did not, or none
    /// is known.
    func unbind(_ threePID: ThreePID, from server: String?, of userID: String) async throws -> Bool {
        let known = try await users.call(QueryThreePIDBindings(userID: userID, threePID: threePID)).bindings
        let servers = server.map { [$0] } ?? known.map(\.idServer)
        var allForgot = !servers.isEmpty
        for server in servers {
            allForgot = try await forget(ThreePIDBinding(threePID: threePID, idServer: server), of: userID) && allForgot
        }
        return allForgot
    }

    /// Has every server forget everything of a user.
    func unbindAll(of userID: String) async throws -> Bool {
        var allForgot = true
        for binding in try await users.call(QueryThreePIDBindings(userID: userID)).bindings {
            allForgot = try await forget(binding, of: userID) && allForgot
        }
        return allForgot
    }

    private func forget(_ binding: ThreePIDBinding, of userID: String) async throws -> Bool {
        guard let server = try? servers.server(binding.idServer) else { return false }
        let path = "/_matrix/identity/v2/3pid/unbind"
        let body: JSONObject = [
            "mxid": .string(userID),
            "threepid": ["medium": .string(binding.threePID.medium), "address": .string(binding.threePID.address)],
        ]
        let signed = try await rooms.call(
            SignRequest(method: "POST", uri: path, destination: binding.idServer, content: RawJSON(body)))
        do {
            let reply = try await server.ask(.post, path, body, authorization: signed.authorization)
            guard reply.status == 200 else { return false }
        } catch let error as MatrixError {
            logger.info("an identity server did not forget an address", metadata: ["server": "\(binding.idServer)", "error": "\(error.error)"])
            return false
        }
        _ = try await users.call(NoteThreePIDBinding(userID: userID, binding: binding, isBound: false))
        return true
    }
}
