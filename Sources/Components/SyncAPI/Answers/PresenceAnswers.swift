import Contracts
import Matrix
import SQL

extension SyncAPI {
    public func call(_ call: QueryPresence) async throws -> QueryPresence.Reply {
        try await database.read { tx in
            guard try call.askedBy == call.userID || PresenceTable.isShared(call.askedBy, with: call.userID, in: tx) else {
                throw MatrixError.forbidden("You are not allowed to see their presence")
            }
            guard let presence = try PresenceTable.rows(of: [call.userID], in: tx).first?.presence else {
                return QueryPresence.Reply(presence: Presence.State.offline.rawValue)
            }
            return QueryPresence.Reply(
                presence: presence.state.rawValue, statusMessage: presence.statusMessage,
                lastActiveAgo: max(0, try tx.now - presence.lastActive), isActive: presence.state == .online ? presence.isActive : nil)
        }
    }
}
