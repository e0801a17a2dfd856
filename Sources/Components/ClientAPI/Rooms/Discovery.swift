import Contracts
import Matrix
import Web

/// Finds rooms and people: what is in a space, what a room is, whom one shares rooms with, who is there.
struct Discovery: Sendable {
    let roomserver: any RoomserverAPI

    /// [GET …/rooms/{roomId}/hierarchy](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy)
    func hierarchy(_ request: Request) async throws -> QueryHierarchy.Reply {
        let limit = try request.query.integer("limit") ?? 50
        guard limit > 0 else { throw MatrixError.invalidParam("limit must be positive") }
        let maxDepth = try request.query.integer("max_depth") ?? 100
        guard maxDepth >= 0 else { throw MatrixError.invalidParam("max_depth must not be negative") }
        return try await roomserver.call(
            QueryHierarchy(
                roomID: try request.roomID(), userID: try request.requireCaller().userID,
                suggestedOnly: try request.query.bool("suggested_only") ?? false, maxDepth: min(maxDepth, 100),
                limit: min(limit, 100), from: request.query["from"]))
    }

    /// [GET …/room_summary/{roomIdOrAlias}](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1room_summaryroomidoralias)
    func summary(_ request: Request) async throws -> SummarizedRoom {
        let name = try request.parameters["roomIdOrAlias"]
        let roomID: String
        if RoomAlias(name) != nil {
            roomID = try await roomserver.call(QueryRoomAlias(alias: name)).roomID
        } else {
            guard RoomID(name) != nil else {
                throw MatrixError.invalidParam("“\(name.prefix(255))” is neither a room ID nor an alias")
            }
            roomID = name
        }
        return try await roomserver.call(QueryRoomSummary(roomID: roomID, userID: request.caller?.userID)).summary
    }

    /// [GET …/mutual_rooms](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mutual_rooms)
    func mutualRooms(_ request: Request) async throws -> QueryMutualRooms.Reply {
        let caller = try request.requireCaller().userID, other = try request.query.require("user_id")
        guard UserID(other) != nil else { throw MatrixError.invalidParam("“\(other.prefix(255))” is not a user ID") }
        guard other != caller else { throw MatrixError.invalidParam("You share all your rooms with yourself") }
        return try await roomserver.call(
            QueryMutualRooms(userID: caller, otherID: other, limit: 100, from: request.query["from"]))
    }

    /// [POST …/user_directory/search](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3user_directorysearch)
    func searchUsers(_ request: Request) async throws -> SearchUsers.Reply {
        struct Search: Decodable {
            var term: String
            var limit: Int?
            enum CodingKeys: String, CodingKey {
                case limit
                case term = "search_term"
            }
        }
        let search = try request.decode(Search.self), limit = search.limit ?? 10
        guard limit > 0 else { throw MatrixError.invalidParam("limit must be positive") }
        return try await roomserver.call(
            SearchUsers(
                userID: try request.requireCaller().userID, term: String(search.term.prefix(1024)), limit: min(limit, 50)))
    }
}
