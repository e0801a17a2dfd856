import Matrix
import SQL
import Web

/// Lists the threads of a room, the one that was answered last first.
/// [GET …/rooms/{roomId}/threads](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidthreads)
final class Threads: Sendable {
    private let barrier: Barrier

    init(barrier: Barrier) { self.barrier = barrier }

    struct Page: Encodable, Sendable {
        var chunk: [RawJSON]
        /// Absent where there is nothing more.
        var nextBatch: String?

        enum CodingKeys: String, CodingKey {
            case chunk
            case nextBatch = "next_batch"
        }
    }

    func callAsFunction(_ request: Request) async throws -> Page {
        let caller = try request.requireCaller(), roomID = try request.parameters["roomId"]
        let include = request.query["include"] ?? "all"
        guard ["all", "participated"].contains(include) else { throw MatrixError.invalidParam("include must be all or participated") }
        let question = ThreadsReader.Question(
            roomID: roomID, userID: caller.userID, onlyParticipated: include == "participated",
            from: try request.query.position("from"), limit: min(max(try request.query.integer("limit") ?? 20, 1), 100))
        let heads = try await barrier.heads(room: roomID, for: caller.userID)
        return try await barrier.read(upTo: heads) { tx, position in
            var (found, history) = try ThreadsReader(question: question, tx: tx).read(at: position)
            found.events = try found.events.erased(for: [roomID: history], in: tx)
            let render = try EventRendering(
                userID: caller.userID, deviceID: caller.deviceID, now: .millisecondsSince1970, includeRoomID: true, fields: nil
            ).bundling(found.events, [roomID: history], in: tx)
            return Page(
                chunk: try found.events.map { try render($0, membership: history.membership(at: $0.position)) },
                nextBatch: found.end.map { SyncToken(position: $0).description })
        }
    }
}

/// Reads a page of a room's threads, as far as a user may see their roots.
struct ThreadsReader {
    /// What is asked for.
    struct Question: Sendable {
        var roomID: String
        var userID: String
        /// Whether only threads are wanted that the user began or answered.
        var onlyParticipated: Bool
        /// Threads whose last answer is at this position or below.
        var from: Int64?
        var limit: Int
    }

    let question: Question
    let tx: Transaction

    /// How many threads are looked at, at the most, for one that is let through.
    private static let reach = 20

    /// The roots, and how the user's membership went.
    ///
    /// Errors: M_FORBIDDEN for a user who may see nothing of the room.
    func read(at position: Int64) throws -> (page: PageReader.Page, history: MembershipHistory) {
        let room = PageReader.Question(
            roomID: question.roomID, userID: question.userID, direction: .backward, from: nil, to: nil, filter: nil, limit: 1)
        let history = try PageReader(room, in: tx).read(at: position).history
        var high = min(question.from ?? .max, min(history.horizon, position))
        var page = PageReader.Page(), looked = 0
        while true {
            let threads = try ThreadsTable.last(
                of: question.roomID, through: high, participant: question.onlyParticipated ? question.userID : nil,
                limit: question.limit + 1, in: tx)
            let roots = try EventsTable.events(threads.map(\.rootID), room: question.roomID, in: tx)
            for thread in threads {
                if page.events.count == question.limit || looked == question.limit * Self.reach {
                    page.end = high
                    return (page, history)
                }
                if let root = roots[thread.rootID], history.allows(root, to: question.userID) { page.events.append(root) }
                looked += 1
                high = thread.last - 1
            }
            if threads.count <= question.limit { return (page, history) }
        }
    }
}
