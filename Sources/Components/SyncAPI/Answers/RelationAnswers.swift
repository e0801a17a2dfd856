import Contracts
import Matrix
import SQL
import Topics

extension SyncAPI {
    public func call(_ call: QueryBundledRelations) async throws -> QueryBundledRelations.Reply {
        let heads = try await barrier.heads(toRead: call.roomID, for: call.userID)
        return try await barrier.read(upTo: heads) { tx, position in
            guard let event = try EventsTable.event(call.eventID, room: call.roomID, in: tx) else {
                return QueryBundledRelations.Reply(relations: nil)
            }
            let histories = try EventsTable.membershipHistories(of: call.userID, rooms: [call.roomID], in: tx)
            let render = EventRendering(
                userID: call.userID, deviceID: call.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil)
            let bundle = try render.bundling([event], histories, in: tx).bundles[call.eventID]
            return QueryBundledRelations.Reply(relations: try bundle.map { try RawJSON(validating: $0) })
        }
    }

    /// [Forming relationships between events](https://spec.matrix.org/v1.19/client-server-api/#forming-relationships-between-events)
    public func call(_ call: CheckRelation) async throws -> CheckRelation.Reply {
        guard let content = call.content.object, let relation = Relation(content) else { return CheckRelation.Reply() }
        switch relation.type {
        case Relation.thread: try await checkThread(call, root: relation.parentID)
        case Relation.annotation: try await checkAnnotation(call, of: relation.parentID, key: content["m.relates_to"]?["key"])
        default: break
        }
        return CheckRelation.Reply()
    }

    /// What an event relates to it says itself, so that there is nothing to wait for.
    private func checkThread(_ call: CheckRelation, root: String) async throws {
        let content = try await database.read { try EventsTable.event(root, room: call.roomID, in: $0)?.content }
        guard let content, Relation(content) != nil else { return }
        throw MatrixError(status: 400, errcode: "M_UNKNOWN", error: "A thread cannot begin with an event that relates to another")
    }

    private func checkAnnotation(_ call: CheckRelation, of parentID: String, key: JSON?) async throws {
        let heads = try await barrier.heads(toRead: call.roomID, for: call.userID)
        try await barrier.read(upTo: heads) { tx, _ in
            let before = try RelationsTable.annotations(of: parentID, by: call.userID, type: call.type, room: call.roomID, in: tx)
            let same = before.first { $0.content["m.relates_to"]?["key"] == key }
            guard let same, !isRepeated(same.transaction, call) else { return }
            throw MatrixError(status: 400, errcode: "M_DUPLICATE_ANNOTATION", error: "You have said the same of this event before")
        }
    }
}

/// Whether an event was sent by the request that is asked about.
private func isRepeated(_ transaction: OutputEvent.Transaction?, _ call: CheckRelation) -> Bool {
    guard let transaction, let transactionID = call.transactionID else { return false }
    return transaction.userID == call.userID && transaction.deviceID == call.deviceID && transaction.transactionID == transactionID
}
