import Contracts
import SQL

extension SyncAPI: SyncServerAPI {
    public func call(_ call: QueryEventAtToken) async throws -> QueryEventAtToken.Reply {
        let position = try SyncToken(call.token, named: "at").position
        let span = RoomSpan(roomID: call.roomID, low: 0, high: position)
        return try await database.query { tx in
            QueryEventAtToken.Reply(eventID: try EventsTable.ahead(of: span, newestFirst: true, limit: 1, in: tx)().first?.eventID)
        }
    }
}
