import Contracts
import Matrix
import Web

/// Reads rooms as they are.
/// [Getting events for a room](https://spec.matrix.org/v1.19/client-server-api/#getting-events-for-a-room)
struct RoomReading: Sendable {
    let roomserver: any RoomserverAPI
    let sync: any SyncServerAPI

    /// An event of a room; where the path names no room, of whichever it is.
    func event(_ request: Request) async throws -> RawJSON {
        let roomID = request.parameters.optional("roomId") == nil ? nil : try request.roomID()
        let caller = try request.requireCaller()
        let query = QueryEvent(roomID: roomID, eventID: try request.parameters["eventId"], userID: caller.userID)
        let event = try await roomserver.call(query).event
        return try await bundling(event, room: roomID, eventID: query.eventID, for: caller)
    }

    /// The event, with what relates to it.
    /// [Aggregations of child events](https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events)
    private func bundling(_ event: RawJSON, room: String?, eventID: String, for caller: Caller) async throws -> RawJSON {
        guard var object = event.object, let roomID = room ?? object["room_id"]?.string else { return event }
        let query = QueryBundledRelations(roomID: roomID, eventID: eventID, userID: caller.userID, deviceID: caller.deviceID)
        guard let relations = try await sync.ifReached({ try await $0.call(query) })?.relations else { return event }
        var unsigned = object["unsigned"]?.object ?? [:]
        unsigned["m.relations"] = relations.parsed()
        object["unsigned"] = .object(unsigned)
        return RawJSON(object)
    }

    /// Name and picture are always there; null where they are not set.
    func joinedMembers(_ request: Request) async throws -> Response {
        let query = QueryJoinedMembers(roomID: try request.roomID(), userID: try request.requireCaller().userID)
        let joined = try await roomserver.call(query).joined
        var writer = JSONWriter(capacity: 64 + joined.count * 160)
        writer.literal("{\"joined\":{")
        var isFirst = true
        for (userID, member) in joined {
            if !isFirst { writer.byte(",") }
            isFirst = false
            writer.string(userID)
            writer.literal(":{\"display_name\":")
            writer.value(member.displayName.map { .string($0) } ?? .null)
            writer.literal(",\"avatar_url\":")
            writer.value(member.avatarURL.map { .string($0) } ?? .null)
            writer.byte("}")
        }
        writer.literal("}}")
        return .json(bytes: writer.bytes)
    }

    struct Chunk: Encodable, Sendable { var chunk: RawJSON }

    /// Who is in the room, or was at the place that a token means.
    func members(_ request: Request) async throws -> Chunk {
        var query = QueryMembers(
            roomID: try request.roomID(), userID: try request.requireCaller().userID,
            membership: try membership(request.query["membership"]),
            notMembership: try membership(request.query["not_membership"]))
        if let token = request.query["at"], !token.isEmpty {
            query.atEvent = try await sync.call(QueryEventAtToken(roomID: query.roomID, token: token)).eventID
            if query.atEvent == nil {
                // The room began later. Whether there is one, only those may know who may read it.
                _ = try await roomserver.call(query)
                return Chunk(chunk: RawJSON(.array([])))
            }
        }
        return Chunk(chunk: try await roomserver.call(query).events)
    }

    func state(_ request: Request) async throws -> RawJSON {
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
