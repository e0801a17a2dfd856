import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`GET /admin/whois/{userId}`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3adminwhoisuserid)
    func whoIs(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller(), userID = try request.parameters["userId"]
        guard caller.isAdmin || caller.userID == userID else {
            throw MatrixError.forbidden("Only an administrator of this server may ask about another user")
        }
        let connections = try await users.call(QueryConnections(userID: try localUser(request))).connections
        let devices = connections.map { seen -> (String, JSON) in
            var connection: JSONObject = [:]
            connection["ip"] = seen.ipAddress.map { .string($0) }
            connection["last_seen"] = seen.lastSeenTS.map { .integer($0) }
            connection["user_agent"] = seen.userAgent.map { .string($0) }
            return (seen.deviceID, ["sessions": [["connections": [.object(connection)]]]])
        }
        return .object(["user_id": .string(userID), "devices": .object(JSONObject(devices))])
    }

    /// The user that the path names, who must be one of this server's.
    func localUser(_ request: Request) throws -> String {
        let userID = try request.parameters["userId"]
        guard let parsed = UserID(userID), parsed.server == config.serverName else {
            throw MatrixError.invalidParam("User does not belong to the local server")
        }
        return userID
    }
}
