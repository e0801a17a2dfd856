import Contracts
import InternalAPI
import Matrix
import SQL

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
        return ChangeMembership.Reply(eventID: reply.eventIDs.first, seq: reply.seq)
    }

    public func call(_ call: ForgetRoom) async throws -> Done {
        try await storage.write { tx in
            guard let room = try RoomTable.lock(call.roomID, tx),
                let membership = try MembershipTable.find(call.userID, room: room.nid, tx)
            else { throw MatrixError.notFound("\(call.userID) was never in this room") }
            guard membership.membership == "leave" || membership.membership == "ban" else {
                throw MatrixError.unknown("\(call.userID) has not left this room", status: 400)
            }
            try MembershipTable.forget(call.userID, room: room.nid, tx)
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
