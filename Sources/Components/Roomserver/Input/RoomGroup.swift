import Contracts
import Delivery
import Matrix
import SQL

/// The requests that wait for a room.
struct RoomWork: Sendable {
    let roomID: String
    let requests: [RoomRequest]
}

/// What became of the requests for a room.
enum RoomOutcome: Sendable {
    /// Each request's result, in their order.
    case done([Result<RoomReply, any Error>])
    /// They are to be done by themselves: another process is at work in the room, or one room of the group failed.
    case apart
}

/// What a transaction came to.
struct RoomGroupOutcome: Sendable {
    var outcomes: [RoomOutcome]
    /// What was written, and is to be published.
    var changes: [RoomChange] = []
    var told: [OutboxEntry] = []
}

/// Does the requests that wait for several rooms in one transaction.
struct RoomGroup: Sendable {
    let author: Author
    let writer: RoomWriter
    let cache: StateCache

    /// Several rooms are locked in the order of their numbers, and none is waited for, so that groups cannot stand in each
    /// other's way.
    func perform(_ works: [RoomWork], _ tx: Transaction) throws -> RoomGroupOutcome {
        let isAlone = works.count == 1
        let rooms = try RoomTable.lock(works.map(\.roomID), waits: isAlone, tx)
        let locked = Dictionary(rooms.map { ($0.roomID, $0) }, uniquingKeysWith: { $1 })
        let answered = try TransactionTable.find(
            works.flatMap { work in
                work.requests.compactMap { request in
                    locked[work.roomID].flatMap { room in request.transaction.map { RoomTransaction(room: room.nid, key: $0) } }
                }
            }, tx)
        var group = RoomGroupOutcome(outcomes: []), answers: [(key: RoomTransaction, reply: RoomReply)] = []
        for work in works {
            guard let room = locked[work.roomID] else {
                group.outcomes.append(isAlone ? .done(work.requests.map { _ in .failure(MatrixError.notFound("No such room")) }) : .apart)
                continue
            }
            var batch = try RoomBatch(room, author: author, cache: cache, answered: answered, tx)
            group.outcomes.append(.done(try batch.perform(work.requests)))
            group.changes.append(try batch.change)
            answers += batch.answers
        }
        try TransactionTable.insert(answers, now: rooms.first?.readTS ?? author.now, tx)
        group.told = try writer.write(&group.changes, tx)
        return group
    }
}
