import Contracts
import Matrix
import Web

/// What a user has put on rooms, for themselves alone.
/// [Room tagging](https://spec.matrix.org/v1.19/client-server-api/#room-tagging)
extension ClientAPI {
    /// `GET /user/{userId}/rooms/{roomId}/tags`
    func tags(_ request: Request) async throws -> Response {
        let query = QueryAccountData(userID: try ownUserID(request), roomID: try room(of: request), type: "m.tag")
        do {
            let tags = try await users.call(query).content.object?["tags"] ?? [:]
            return .object(["tags": tags])
        } catch let error as MatrixError where error.errcode == "M_NOT_FOUND" {
            return .object(["tags": [:]])
        }
    }

    /// `PUT /user/{userId}/rooms/{roomId}/tags/{tag}`
    func setTag(_ request: Request) async throws -> Response {
        let content = try request.object()
        if let order = content["order"], order.number == nil, !order.isNull {
            throw MatrixError.badJSON("order is not a number")
        }
        return try await set(RawJSON(content), request)
    }

    /// `DELETE /user/{userId}/rooms/{roomId}/tags/{tag}`
    func deleteTag(_ request: Request) async throws -> Response { try await set(nil, request) }

    private func set(_ content: RawJSON?, _ request: Request) async throws -> Response {
        _ = try await users.call(
            SetRoomTag(
                userID: try ownUserID(request), roomID: try room(of: request), tag: try request.parameters["tag"],
                content: content))
        return .empty
    }

    private func room(of request: Request) throws -> String {
        let roomID = try request.parameters["roomId"]
        guard RoomID(roomID) != nil else { throw MatrixError.invalidParam("Not a room ID") }
        return roomID
    }
}
