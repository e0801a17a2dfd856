import Contracts
import Matrix
import SQL
import Web

/// Answers what `/sync` took the place of: everything at once.
/// [GET /_matrix/client/v3/initialSync](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3initialsync)
final class InitialSync: Sendable {
    private let barrier: Barrier
    private let roomserver: any RoomserverAPI
    /// Nil: nobody is told who is there.
    private let syncing: SyncingUsers?

    init(barrier: Barrier, roomserver: any RoomserverAPI, syncing: SyncingUsers?) {
        self.barrier = barrier
        self.roomserver = roomserver
        self.syncing = syncing
    }

    struct Answer: Encodable, Sendable {
        var end: String
        var rooms: [OldRoom]
        var presence: [RawJSON]
        var receipts: [RawJSON]
        var accountData: [RawJSON]

        enum CodingKeys: String, CodingKey {
            case end, rooms, presence, receipts
            case accountData = "account_data"
        }
    }

    func callAsFunction(_ request: Request) async throws -> Answer {
        let caller = try request.requireCaller()
        let limit = try Self.limit(request)
        let includesLeft = try request.query.bool("archived") ?? false
        var asked = SyncRequest(
            userID: caller.userID, deviceID: caller.deviceID, since: nil,
            filter: Filter(room: RoomFilter(includeLeave: includesLeft, timeline: EventFilter(limit: limit))), fullState: false,
            usesStateAfter: true)
        asked.includesRoomID = true
        asked.showsPresence = syncing != nil
        let visit = await syncing?.begin(caller.userID, device: caller.deviceID, as: .online)
        defer { syncing?.end(visit) }
        var heads = try await barrier.heads(of: caller.userID)
        if let news = visit?.news, let syncing { heads.seenAt = (syncing.replica, news) }
        let found = try await barrier.read(upTo: heads) { [asked] tx, position in
            try SyncBuilder(asked, position: position, now: .millisecondsSince1970, in: tx).response()
        }
        var answer = Answer(
            end: found.nextBatch, rooms: [], presence: found.presence.events.map(OldFormat.presence), receipts: [],
            // What the user has made: push rules are asked for by themselves.
            accountData: found.accountData.events.filter { $0.object?["type"] != "m.push_rules" })
        for (roomID, room) in found.rooms.join {
            answer.rooms.append(Self.shown(roomID, "join", room.timeline, room.stateAfter, room.accountData, found.nextBatch))
            answer.receipts += room.ephemeral.events.filter { $0.object?["type"] == "m.receipt" }
                .map { OldFormat.event($0, room: roomID) }
        }
        for (roomID, room) in found.rooms.leave {
            let leaving = room.timeline.events.last { Self.isMembership($0, of: caller.userID) }
            let membership = leaving?.object?["content"]?["membership"]?.string ?? "leave"
            answer.rooms.append(
                Self.shown(roomID, membership, room.timeline, room.stateAfter, room.accountData, found.nextBatch))
        }
        for (roomID, room) in found.rooms.invite {
            let invite = room.inviteState.events.last { Self.isMembership($0, of: caller.userID) }
            answer.rooms.append(
                OldRoom(
                    roomID: roomID, membership: "invite", invite: invite.map { OldFormat.event($0, room: roomID) },
                    inviter: invite?.object?["sender"]?.string))
        }
        let listed = try await listed(among: answer.rooms.map(\.roomID))
        for index in answer.rooms.indices {
            answer.rooms[index].visibility = listed.contains(answer.rooms[index].roomID) ? "public" : "private"
        }
        return answer
    }

    /// How many messages of each room. Errors: M_INVALID_PARAM.
    static func limit(_ request: Request) throws -> Int {
        let limit = try request.query.integer("limit") ?? 10
        guard limit >= 0 else { throw MatrixError.invalidParam("limit must not be negative") }
        return min(limit, 100)
    }

    private static func isMembership(_ event: RawJSON, of userID: String) -> Bool {
        guard let event = event.object else { return false }
        return event["type"] == "m.room.member" && event["state_key"]?.string == userID
    }

    private static func shown(
        _ roomID: String, _ membership: String, _ timeline: SyncResponse.Timeline, _ state: SyncResponse.Events?,
        _ accountData: SyncResponse.Events, _ end: String
    ) -> OldRoom {
        // From the beginning on there is nothing before.
        let start = timeline.limited ? timeline.prevBatch : nil
        return OldRoom(
            roomID: roomID, membership: membership,
            messages: .init(
                start: start ?? SyncToken(position: 0).description, end: end, chunk: timeline.events.map { OldFormat.event($0) }),
            state: (state?.events ?? []).map { OldFormat.event($0) }, accountData: accountData.events)
    }

    private func listed(among roomIDs: [String]) async throws -> Set<String> {
        var listed: Set<String> = []
        for start in stride(from: 0, to: roomIDs.count, by: QueryPublishedRooms.most) {
            let some = Array(roomIDs[start..<min(start + QueryPublishedRooms.most, roomIDs.count)])
            listed.formUnion(try await roomserver.call(QueryPublishedRooms(roomIDs: some)).roomIDs)
        }
        return listed
    }
}
