import Contracts
import Foundation
import Matrix
import Web

/// Sends events of users into rooms.
/// [Sending events to a room](https://spec.matrix.org/v1.19/client-server-api/#sending-events-to-a-room)
struct Sending: Sendable {
    let roomserver: any RoomserverAPI
    let sync: any SyncServerAPI
    let invitees: Invitees

    struct Sent: Encodable, Sendable {
        var eventID: String
        enum CodingKeys: String, CodingKey { case eventID = "event_id" }
    }

    func message(_ request: Request) async throws -> Sent {
        let caller = try request.requireCaller()
        let draft = Draft(
            type: try request.parameters["eventType"], sender: caller.userID, content: try request.eventContent())
        try await check(draft, request)
        return try await send(draft, request, "send")
    }

    /// Refuses an annotation that says what one before says, and a thread that cannot be.
    private func check(_ draft: Draft, _ request: Request) async throws {
        let relation = draft.content.object?["m.relates_to"]?["rel_type"]?.string
        guard relation == "m.annotation" || relation == "m.thread" else { return }
        let check = CheckRelation(
            roomID: try request.roomID(), userID: draft.sender, deviceID: try request.requireCaller().deviceID,
            transactionID: request.parameters.optional("txnId"), type: draft.type, content: draft.content)
        _ = try await sync.ifReached { try await $0.call(check) }
    }

    func redaction(_ request: Request) async throws -> Sent {
        struct Body: Decodable { var reason: String? }
        let caller = try request.requireCaller()
        let body = try request.decodeOptional(Body.self)
        var content: JSONObject = [:]
        content["reason"] = body.reason.map { .string($0) }
        let draft = Draft(
            type: "m.room.redaction", sender: caller.userID, content: RawJSON(content),
            redacts: try request.parameters["eventId"])
        return try await send(draft, request, "redact")
    }

    func state(_ request: Request) async throws -> Sent {
        let caller = try request.requireCaller()
        let draft = Draft(
            type: try request.parameters["eventType"], stateKey: request.parameters.optional("stateKey") ?? "",
            sender: caller.userID, content: try request.eventContent())
        if draft.type == "m.room.member", let target = draft.stateKey, draft.content.object?["membership"]?.string == "invite" {
            try await invitees.profile(of: target)
        }
        return try sent(try await roomserver.call(SendEvents(roomID: try request.roomID(), drafts: [draft], isGuest: caller.isGuest)))
    }

    /// A client's transaction ID counts for its device and endpoint; without one every request is another.
    private func send(_ draft: Draft, _ request: Request, _ endpoint: String) async throws -> Sent {
        let caller = try request.requireCaller()
        let transaction = TransactionKey(
            userID: caller.userID, deviceID: caller.deviceID ?? "", endpoint: endpoint,
            transactionID: request.parameters.optional("txnId") ?? UUID().uuidString)
        return try sent(
            try await roomserver.call(SendEvents(roomID: try request.roomID(), drafts: [draft], transaction: transaction, isGuest: caller.isGuest)))
    }

    private func sent(_ reply: SendEvents.Reply) throws -> Sent {
        guard let eventID = reply.eventIDs.first else { throw MatrixError.unknown("no event was sent") }
        return Sent(eventID: eventID)
    }
}
