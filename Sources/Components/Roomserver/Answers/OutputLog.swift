import Contracts
import Delivery
import Matrix
import SQL
import Topics

extension Roomserver {
    public func call(_ call: QueryOutput) async throws -> QueryOutput.Reply {
        let limit = min(max(call.limit, 1), 1000)
        return try await storage.query { [outbox] tx in
            let messages = try outbox.after(
                call.after, of: OutboxKey(topic: Topic.outputRoomEvent.name, key: call.roomID), limit: limit, in: tx)
            return QueryOutput.Reply(
                messages: messages.map { QueryOutput.Message(seq: $0.seq, message: RawJSON(trusted: $0.bytes)) })
        }
    }

    public func call(_ call: QueryOutputHeads) async throws -> QueryOutputHeads.Reply {
        let limit = min(max(call.limit, 1), 10_000)
        return try await storage.query { tx in
            let heads = try RoomTable.heads(changedSince: call.changedSince, after: call.after ?? "", limit: limit, tx)
            return QueryOutputHeads.Reply(heads: heads.map { RoomHead(roomID: $0.roomID, seq: $0.seq) })
        }
    }

    public func call(_ call: QueryUserHeads) async throws -> QueryUserHeads.Reply {
        try await storage.query { tx in
            let since: SQL = "\(sql: .now) - \(call.withinMS)"
            let heads = try MembershipTable.heads(of: call.userID, changedSince: since, tx)
            return QueryUserHeads.Reply(heads: heads.map { RoomHead(roomID: $0.roomID, seq: $0.seq) })
        }
    }

    public func call(_ call: QueryRoomHead) async throws -> QueryRoomHead.Reply {
        try await storage.query { tx in
            guard let room = try RoomTable.find(call.roomID, tx) else { throw MatrixError.notFound("No such room") }
            return QueryRoomHead.Reply(seq: room.seq)
        }
    }
}
