import Contracts
import Matrix
import Web

extension ClientAPI {
    /// `GET /user/{userId}/account_data/{type}` ([config](https://spec.matrix.org/v1.19/client-server-api/#client-config)),
    /// and the same for a room.
    func accountData(_ request: Request) async throws -> Response {
        let query = QueryAccountData(
            userID: try ownUserID(request), roomID: try roomOfAccountData(request), type: try request.parameters["type"])
        return .json(bytes: try await users.call(query).content.bytes)
    }

    /// `PUT /user/{userId}/account_data/{type}` ([config](https://spec.matrix.org/v1.19/client-server-api/#client-config)),
    /// and the same for a room.
    func setAccountData(_ request: Request) async throws -> Response {
        let userID = try ownUserID(request), roomID = try roomOfAccountData(request)
        let type = try request.parameters["type"]
        let content = RawJSON(try request.object())
        guard type != "m.fully_read", type != "m.push_rules" else {
            throw MatrixError(status: 405, errcode: "M_BAD_JSON", error: "\(type) cannot be set here")
        }
        _ = try await users.call(SetAccountData(userID: userID, roomID: roomID, type: type, content: content))
        return .empty
    }

    private func roomOfAccountData(_ request: Request) throws -> String? {
        guard let roomID = request.parameters.optional("roomId") else { return nil }
        guard RoomID(roomID) != nil else { throw MatrixError.invalidParam("Not a room ID") }
        return roomID
    }
}
