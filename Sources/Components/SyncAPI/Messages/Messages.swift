import Contracts
import Matrix
import SQL
import Web

/// Pages through a room's events in either direction.
/// [GET …/rooms/{roomId}/messages](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmessages)
final class Messages: Sendable {
    private let barrier: Barrier

    init(barrier: Barrier) { self.barrier = barrier }

    struct Page: Encodable, Sendable {
        var start: String
        /// Absent at the end of what the user may see.
        var end: String?
        var chunk: [RawJSON]
        var state: [RawJSON]?
    }

    func callAsFunction(_ request: Request) async throws -> Page {
        let caller = try request.requireCaller()
        let roomID = try request.parameters["roomId"]
        guard let name = request.query["dir"] else { throw MatrixError.missingParam("dir is missing") }
        guard let direction = PageReader.Question.Direction(rawValue: name) else { throw MatrixError.invalidParam("dir must be b or f") }
        let from = try request.query["from"].flatMap { try $0.isEmpty ? nil : SyncToken($0, named: "from").position }
        let to = try request.query["to"].flatMap { try $0.isEmpty ? nil : SyncToken($0, named: "to").position }
        let filter = try Filters.events(request.query["filter"])
        let limit = min(max(try request.query.integer("limit") ?? filter?.limit ?? 10, 1), 1000)
        let question = PageReader.Question(
            roomID: roomID, userID: caller.userID, direction: direction, from: from, to: to, filter: filter, limit: limit)
        let heads = try await barrier.heads(toRead: roomID, for: caller.userID)
        return try await barrier.read(upTo: heads, asking: { try PageReader(question, in: $0) }) { tx, position, reader in
            var (found, history) = try reader.read(at: position)
            found.events = try found.events.erased(for: [roomID: history], in: tx)
            let render = try EventRendering(
                userID: caller.userID, deviceID: caller.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil
            ).bundling(found.events, [roomID: history], in: tx)
            var state: [RawJSON]?
            if filter?.lazyLoadMembers ?? false {
                let senders = Set(found.events.map(\.sender)).sorted()
                let members = try EventsTable.members(senders, room: roomID, in: tx)
                state = try members.erased(for: [roomID: history], in: tx).map { try render($0) }
            }
            let start = from ?? (direction == .backward ? position : 0)
            return Page(
                start: SyncToken(position: start).description, end: found.end.map { SyncToken(position: $0).description },
                chunk: try found.events.map { try render($0, membership: history.membership(at: $0.position)) }, state: state)
        }
    }
}
