import Matrix
import Web

/// Pages through the events that relate to an event.
/// [Relationships API](https://spec.matrix.org/v1.19/client-server-api/#relationships-api)
final class Relations: Sendable {
    private let barrier: Barrier

    init(barrier: Barrier) { self.barrier = barrier }

    struct Page: Encodable, Sendable {
        var chunk: [RawJSON]
        /// Absent where there is nothing more.
        var nextBatch: String?
        var prevBatch: String?
        /// Of what was asked to be recursive: how far that went.
        var recursionDepth: Int64?

        enum CodingKeys: String, CodingKey {
            case chunk
            case nextBatch = "next_batch"
            case prevBatch = "prev_batch"
            case recursionDepth = "recursion_depth"
        }
    }

    /// All of them, those of a kind of relation, or those of a kind and type.
    func callAsFunction(_ request: Request) async throws -> Page {
        let caller = try request.requireCaller(), question = try question(request, of: caller.userID)
        let heads = try await barrier.heads(room: question.children.roomID, for: caller.userID)
        return try await barrier.read(upTo: heads) { tx, position in
            var (found, history) = try RelationsReader(question: question, tx: tx).read(at: position)
            found.events = try found.events.erased(for: [question.children.roomID: history], in: tx)
            let render = try EventRendering(
                userID: caller.userID, deviceID: caller.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil
            ).bundling(found.events, [question.children.roomID: history], in: tx)
            return Page(
                chunk: try found.events.map { try render($0, membership: history.membership(at: $0.position)) },
                nextBatch: found.end.map { SyncToken(position: $0).description },
                prevBatch: question.from.map { SyncToken(position: $0).description },
                recursionDepth: question.children.recurses ? RelationsTable.depth : nil)
        }
    }

    private func question(_ request: Request, of userID: String) throws -> RelationsReader.Question {
        let children = RelationsTable.Children(
            roomID: try request.parameters["roomId"], parentID: try request.parameters["eventId"],
            relType: request.parameters.optional("relType"), type: request.parameters.optional("eventType"),
            recurses: try request.query.bool("recurse") ?? false)
        guard Relation.isName(children.parentID) else { throw MatrixError.notFound("There is no such event") }
        for name in [children.relType, children.type].compactMap(\.self) where !Relation.isName(name) {
            throw MatrixError.invalidParam("The kind of relation, or of event, is none that there can be")
        }
        guard let direction = PageReader.Question.Direction(rawValue: request.query["dir"] ?? "b") else {
            throw MatrixError.invalidParam("dir must be b or f")
        }
        return RelationsReader.Question(
            userID: userID, children: children, direction: direction, from: try request.query.position("from"),
            to: try request.query.position("to"), limit: min(max(try request.query.integer("limit") ?? 20, 1), 100))
    }
}

extension Query {
    /// The place that a token stands for; nil where there is none, or an empty one.
    func position(_ name: String) throws -> Int64? {
        try self[name].flatMap { try $0.isEmpty ? nil : SyncToken($0, named: name).position }
    }
}
