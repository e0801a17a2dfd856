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
    /// They are to be done by themselves: another process is at work in the room, it is not there, or one of the group failed.
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

    /// - Parameter waits: until others have let go of the rooms; a group does not, so that no room holds up another. What is
    /// not to be had, or not there, is left out then.
    func perform(_ works: [RoomWork], waits: Bool, _ tx: Transaction) throws -> RoomGroupOutcome {
        let locking = try RoomTable.lockAhead(works.map(\.roomID), waits: waits, tx)
        let finding = try TransactionTable.findAhead(
            works.flatMap { work in work.requests.compactMap(\.transaction).map { (roomID: work.roomID, key: $0) } }, tx)
        // After the locks: in a room they rise from one transaction to the next.
        let numbers = try EventTable.takeNumbers(works.flatMap(\.requests).reduce(0) { $0 + $1.eventLimit }, tx)
        let rooms = try locking(), answered = try finding()
        let locked = Dictionary(rooms.map { ($0.roomID, $0) }, uniquingKeysWith: { $1 })
        var group = RoomGroupOutcome(outcomes: []), answers: [(key: RoomTransaction, reply: RoomReply)] = []
        for work in works {
            guard let room = locked[work.roomID] else {
                group.outcomes.append(waits ? .done(work.requests.map { _ in .failure(MatrixError.notFound("No such room")) }) : .apart)
                continue
            }
            var batch = try RoomBatch(room, author: author, cache: cache, answered: answered, tx)
            group.outcomes.append(.done(try batch.perform(work.requests)))
            group.changes.append(try batch.change)
            answers += batch.answers
        }
        try TransactionTable.insert(answers, now: rooms.first?.readTS ?? author.now, tx)
        group.told = try writer.write(&group.changes, numbers: numbers, tx)
        return group
    }
}
