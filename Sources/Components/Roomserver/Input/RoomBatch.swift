import Contracts
import Matrix
import RoomRules
import SQL
import Topics

/// A locked room, and the requests for it that are done together, each all or not at all.
struct RoomBatch {
    private let view: StateView
    private var edit: RoomEdit
    private var answered: [RoomTransaction: RoomReply]
    /// What is to be answered to requests that come again.
    private(set) var answers: [(key: RoomTransaction, reply: RoomReply)] = []

    /// - Parameter answered: the requests that were done before, of this room and perhaps of others.
    init(
        _ room: RoomRow, author: Author, cache: StateCache, answered: [RoomTransaction: RoomReply], _ tx: Transaction
    ) throws {
        view = StateView(of: room, known: cache.known(of: room.nid, version: room.stateVersion), tx)
        edit = RoomEdit(room, view, author: author, tx)
        self.answered = answered
    }

    /// What there is to write.
    var change: RoomChange { get throws { try edit.change } }

    mutating func perform(_ requests: [RoomRequest]) throws -> [Result<RoomReply, any Error>] {
        try view.load(requests.flatMap { $0.neededState(edit.room.version) })
        return try requests.map { request in
            let key = request.transaction.map { RoomTransaction(room: edit.room.nid, key: $0) }
            if let key, let reply = answered[key] { return .success(reply) }
            var attempt = edit
            let reply: RoomReply
            do {
                reply = try attempt.perform(request)
            } catch let error as MatrixError {
                return .failure(error)
            }
            edit = attempt
            if let key {
                answered[key] = reply
                answers.append((key, reply))
            }
            return .success(reply)
        }
    }
}

extension RoomRequest {
    fileprivate func neededState(_ version: RoomVersion) -> [StateKey] {
        switch self {
        case .send(let request): request.drafts.flatMap { $0.neededState(version) }
        case .membership(let request): request.neededState
        case .profile(let request): request.neededState
        }
    }
}

extension RoomEdit {
    /// Does one request. Where it throws, this edit is of no more use.
    fileprivate mutating func perform(_ request: RoomRequest) throws -> RoomReply {
        requestID = request.requestID
        let before = added.count
        let eventIDs: [String]
        var predecessor: String?
        switch request {
        case .send(let request):
            let transaction = request.transaction.map {
                OutputEvent.Transaction(userID: $0.userID, deviceID: $0.deviceID, transactionID: $0.transactionID)
            }
            eventIDs = try request.drafts.map { draft in
                try checkCanonicalAlias(draft)
                try checkTombstone(draft)
                return try add(admitted(draft, isGuest: request.isGuest), transaction: transaction)
            }
        case .membership(let request):
            let vouched = try request.thirdPartySigned.flatMap { try invite(of: request.target, signed: $0) }.map { try add($0) }
            let asked = request.isVouchedInvite ? vouched : try request.draft(in: self).map { try add($0) }
            eventIDs = asked.map { [$0] } ?? []
            if request.action == .join { predecessor = try replacedRoom() }
        case .profile(let request):
            eventIDs = try request.draft(in: self).map { [try add($0)] } ?? []
        }
        return RoomReply(eventIDs: eventIDs, added: added.count > before, seq: seq, predecessor: predecessor)
    }
}
