import Contracts
import Delivery
import InternalAPI
import Matrix
import SQL
import Web

extension Roomserver {
    public func call(_ call: SendEvents) async throws -> SendEvents.Reply {
        guard call.drafts.count <= CheckedDraft.limit else { throw MatrixError.tooLarge("Too many events") }
        try requireLocal(call.drafts.map(\.sender))
        let reply = try await change(call.roomID, .send(SendRequest(call)))
        return SendEvents.Reply(eventIDs: reply.eventIDs, seq: reply.seq)
    }

    public func call(_ call: ChangeMembership) async throws -> ChangeMembership.Reply {
        try requireLocal([call.sender])
        let reply = try await change(call.roomID, .membership(MembershipRequest(call)))
        return ChangeMembership.Reply(eventID: reply.eventIDs.first, seq: reply.seq, predecessor: reply.predecessor)
    }

    public func call(_ call: ForgetRoom) async throws -> Done {
        let requestID = RequestID.current
        let told = try await storage.write { [outbox] tx in
            guard var room = try RoomTable.lock(call.roomID, tx),
                let membership = try MembershipTable.find(call.userID, room: room.nid, tx)
            else { throw MatrixError.notFound("\(call.userID) was never in this room") }
            guard membership.membership == "leave" || membership.membership == "ban" else {
                throw MatrixError.unknown("\(call.userID) has not left this room", status: 400)
            }
            if membership.forgotten { return [] as [OutboxEntry] }
            try MembershipTable.forget(call.userID, room: room.nid, tx)
            room.seq += 1
            let message = try OutputMessages.forgotten(by: call.userID, room, requestID: requestID)
            let told = try outbox.append(key: room.roomID, messages: [message], last: room.seq, now: room.readTS, in: tx)
            try RoomTable.update([room], tx)
            return told
        }
        publisher.nudge(told)
        return Done()
    }

    public func call(_ call: EraseUser) async throws -> Done {
        try requireLocal([call.userID])
        try await storage.write { tx in
            try ErasedTable.insert(call.userID, tx)
            // Nobody finds them by their name.
            try PeopleTable.note([Person(userID: call.userID, displayName: "", avatarURL: "")], tx)
        }
        return Done()
    }

    /// Only events of this server's users can be signed here.
    func requireLocal(_ senders: [String]) throws {
        let author = author
        for sender in senders where !author.isLocal(sender) {
            throw MatrixError.forbidden("\(sender) is not a user of this server")
        }
    }
}
