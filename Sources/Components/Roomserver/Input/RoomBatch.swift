import Contracts
import Matrix
import RoomRules
import SQL
import Topics

/// What a batch came to.
struct RoomBatchOutcome: Sendable {
    /// In the order of the requests.
    let results: [Result<RoomReply, any Error>]
    /// What was written; nil: nothing.
    let change: RoomChange?
}

/// Does the requests that wait for a room together, in one transaction, each all or not at all.
struct RoomBatch: Sendable {
    let roomID: String
    let author: Author
    let writer: RoomWriter
    let cache: StateCache

    func perform(_ requests: [RoomRequest], _ tx: Transaction) throws -> RoomBatchOutcome {
        guard let room = try RoomTable.lock(roomID, tx) else {
            return RoomBatchOutcome(
                results: requests.map { _ in .failure(MatrixError.notFound("No such room")) }, change: nil)
        }
        var answered = try TransactionTable.find(requests.compactMap(\.transaction), room: room.nid, tx)
        let view = StateView(of: room, known: cache.known(of: room.nid, version: room.stateVersion), tx)
        try view.load(requests.flatMap { $0.neededState(room.version) })

        var edit = RoomEdit(room, view, author: author, tx)
        var answers: [(key: TransactionKey, reply: RoomReply)] = []
        let results = try requests.map { request -> Result<RoomReply, any Error> in
            if let key = request.transaction, let reply = answered[key] { return .success(reply) }
            var attempt = edit
            let reply: RoomReply
            do {
                reply = try attempt.perform(request)
            } catch let error as MatrixError {
                return .failure(error)
            }
            edit = attempt
            if let key = request.transaction {
                answered[key] = reply
                answers.append((key, reply))
            }
            return .success(reply)
        }
        var change = try edit.change
        try TransactionTable.insert(answers, room: room.nid, now: room.readTS ?? author.now, tx)
        try writer.write(&change, tx)
        return RoomBatchOutcome(results: results, change: change)
    }
}

extension RoomRequest {
    fileprivate func neededState(_ version: RoomVersion) -> [StateKey] {
        switch self {
        case .send(let request): request.drafts.flatMap { $0.neededState(version) }
        case .membership(let request): request.neededState
        }
    }
}

extension RoomEdit {
    /// Does one request. Where it throws, this edit is of no more use.
    fileprivate mutating func perform(_ request: RoomRequest) throws -> RoomReply {
        requestID = request.requestID
        let before = added.count
        let eventIDs: [String]
        switch request {
        case .send(let request):
            let transaction = request.transaction.map {
                OutputEvent.Transaction(userID: $0.userID, deviceID: $0.deviceID, transactionID: $0.transactionID)
            }
            eventIDs = try request.drafts.map { draft in
                try checkCanonicalAlias(draft)
                return try add(draft, transaction: transaction)
            }
        case .membership(let request):
            eventIDs = try request.draft(in: self).map { [try add($0)] } ?? []
        }
        return RoomReply(eventIDs: eventIDs, added: added.count > before, seq: seq)
    }
}
