import Contracts
import Matrix
import Web

/// Reads rooms as they are.
/// [Getting events for a room](https://spec.matrix.org/v1.19/client-server-api/#getting-events-for-a-room)
struct RoomReading: Sendable {
    let roomserver: any RoomserverAPI

    func event(_ request: Request) async throws -> RawJSON {
        let query = QueryEvent(
            roomID: try request.roomID(), eventID: try request.parameters["eventId"], userID: try request.requireCaller().userID)
        return try await roomserver.call(query).event
    }

    struct JoinedMembers: Encodable, Sendable {
        var joined: [String: Member]

        struct Member: Encodable, Sendable {
            /// Both are always there; null where they are not set.
            var displayName: JSON
            var avatarURL: JSON
            enum CodingKeys: String, CodingKey {
                case displayName = "display_name"
                case avatarURL = "avatar_url"
            }
        }
    }

    func joinedMembers(_ request: Request) async throws -> JoinedMembers {
        let query = QueryJoinedMembers(roomID: try request.roomID(), userID: try request.requireCaller().userID)
        let joined = try await roomserver.call(query).joined
        return JoinedMembers(
            joined: joined.mapValues { member in
                .init(
                    displayName: member.displayName.map { .string($0) } ?? .null,
                    avatarURL: member.avatarURL.map { .string($0) } ?? .null)
            })
    }

    struct Chunk: Encodable, Sendable { var chunk: [RawJSON] }

    func members(_ request: Request) async throws -> Chunk {
        let query = QueryMembers(
            roomID: try request.roomID(), userID: try request.requireCaller().userID,
            membership: try membership(request.query["membership"]),
            notMembership: try membership(request.query["not_membership"]))
        return Chunk(chunk: try await roomserver.call(query).events)
    }

    func state(_ request: Request) async throws -> [RawJSON] {
        try await roomserver.call(QueryRoomState(roomID: try request.roomID(), userID: try request.requireCaller().userID)).events
    }

    /// The content, or with `format=event` the whole event.
    func stateEvent(_ request: Request) async throws -> RawJSON {
        let query = QueryStateEvent(
            roomID: try request.roomID(), userID: try request.requireCaller().userID,
            type: try request.parameters["eventType"], stateKey: request.parameters.optional("stateKey") ?? "")
        let event = try await roomserver.call(query).event
        if request.query["format"] == "event" { return event }
        return RawJSON(event.object?["content"] ?? .object([:]))
    }

    struct JoinedRooms: Encodable, Sendable {
        var joinedRooms: [String]
        enum CodingKeys: String, CodingKey { case joinedRooms = "joined_rooms" }
    }

    func joinedRooms(_ request: Request) async throws -> JoinedRooms {
        JoinedRooms(
            joinedRooms: try await roomserver.call(QueryJoinedRooms(userID: try request.requireCaller().userID)).roomIDs)
    }

    private func membership(_ text: String?) throws -> String? {
        guard let text else { return nil }
        guard ["join", "invite", "knock", "leave", "ban"].contains(text) else {
            throw MatrixError.invalidParam("“\(text.prefix(32))” is not a membership")
        }
        return text
    }
}
