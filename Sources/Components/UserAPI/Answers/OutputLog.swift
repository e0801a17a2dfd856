import Contracts
import Delivery
import Matrix
import Topics

extension UserServer {
    public func call(_ call: QueryClientDataOutput) async throws -> QueryClientDataOutput.Reply {
        let key = OutboxKey(topic: Topic.outputClientData.name, key: call.userID)
        let limit = min(max(call.limit, 1), 1000)
        let entries = try await database.read { [outbox] tx in
            try outbox.after(call.after, of: key, limit: limit, in: tx)
        }
        return QueryClientDataOutput.Reply(
            messages: try entries.map { .init(seq: $0.seq, message: try RawJSON(validating: $0.bytes)) })
    }

    public func call(_ call: QueryClientDataHead) async throws -> QueryClientDataHead.Reply {
        let key = OutboxKey(topic: Topic.outputClientData.name, key: call.userID)
        return QueryClientDataHead.Reply(seq: try await database.read { [outbox] in try outbox.head(of: key, in: $0) })
    }

    public func call(_ call: QueryClientDataHeads) async throws -> QueryClientDataHeads.Reply {
        let limit = min(max(call.limit, 1), 1000)
        let heads = try await database.read { [outbox] tx in
            try outbox.heads(
                topic: Topic.outputClientData.name, changedSince: call.changedSince, after: call.after, limit: limit, in: tx)
        }
        return QueryClientDataHeads.Reply(heads: heads.map { .init(userID: $0.key, seq: $0.seq) })
    }
}
