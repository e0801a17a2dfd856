import Contracts
import Matrix
import SQL
import Topics
import Web

/// Shows a room as it is, or as it was when the user left, to members and to whoever may look in.
/// [GET …/rooms/{roomId}/initialSync](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidinitialsync)
final class RoomInitialSync: Sendable {
    private let barrier: Barrier
    private let roomserver: any RoomserverAPI
    private let tellsPresence: Bool

    init(barrier: Barrier, roomserver: any RoomserverAPI, tellsPresence: Bool) {
        self.barrier = barrier
        self.roomserver = roomserver
        self.tellsPresence = tellsPresence
    }

    func callAsFunction(_ request: Request) async throws -> OldRoom {
        let caller = try request.requireCaller()
        let roomID = try request.parameters["roomId"]
        let limit = try InitialSync.limit(request)
        async let own = barrier.heads(of: caller.userID, withinMS: 0).data
        var heads = try await barrier.heads(toRead: roomID, for: caller.userID)
        heads.data = try await own
        async let listed = roomserver.call(QueryPublishedRooms(roomIDs: [roomID])).roomIDs
        var room = try await barrier.read(upTo: heads) { [tellsPresence] tx, position in
            try Self.room(roomID, caller, withPresence: tellsPresence, limit: limit, at: position, tx)
        }
        room.visibility = try await listed.isEmpty ? "private" : "public"
        return room
    }

    private static func room(
        _ roomID: String, _ caller: Caller, withPresence: Bool, limit: Int, at position: Int64, _ tx: Transaction
    ) throws -> OldRoom {
        let ignoring = try IgnoredUsers.ahead(of: caller.userID, in: tx)
        let view = try RoomView(of: caller.userID, to: roomID, at: position, in: tx)
        let question = PageReader.Question(roomID: roomID, userID: caller.userID, direction: .backward, limit: limit)
        let page = try PageWalk(question: question, ignored: try ignoring(), tx: tx).page(view)
        let span = RoomSpan(roomID: roomID, low: 0, high: view.last)
        let state = try EventsTable.state([span], in: tx)[roomID] ?? []
        let erasures = try Erasures(among: page.events + state, [roomID: view.history], in: tx)
        let render = EventRendering(
            userID: caller.userID, deviceID: caller.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil)
        let data = try AccountDataTable.data(of: caller.userID, rooms: [roomID], in: tx)[roomID] ?? []
        // Who has left is told nothing of what others do now.
        let receipts = view.last < position ? [] : try ReceiptsTable.receipts([span], for: caller.userID, in: tx)[roomID] ?? []
        let isThere = view.membership == "join"
        let presence = withPresence && isThere
            ? try PresenceTable.members(of: [roomID], joined: [], above: 0, without: nil, in: tx) : []
        let start = limit == 0 ? view.last : page.end ?? 0
        return OldRoom(
            roomID: roomID, membership: view.history.steps.isEmpty ? nil : view.membership,
            messages: .init(
                start: SyncToken(position: start).description, end: SyncToken(position: view.last).description,
                chunk: try page.events.reversed().map {
                    OldFormat.event(try render(erasures($0), membership: view.history.membership(at: $0.position)))
                }),
            state: try state.map { OldFormat.event(try render(erasures($0))) },
            accountData: data.map { accountDataEvent($0.type, $0.content) },
            presence: presence.map { OldFormat.presence($0.event(now: .millisecondsSince1970)) },
            receipts: receiptEvents(receipts).map { OldFormat.event($0, room: roomID) })
    }
}
