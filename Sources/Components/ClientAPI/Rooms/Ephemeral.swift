import Contracts
import Foundation
import Matrix
import Topics
import Web

/// Typing, receipts and read markers: told by topics, acknowledged by the bus before they are answered.
struct Ephemeral: Sendable {
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let bus: any Bus

    /// The longest that one request makes somebody type.
    private static let longestTyping: Int64 = 120_000

    /// [Typing notifications](https://spec.matrix.org/v1.19/client-server-api/#typing-notifications)
    func typing(_ request: Request) async throws -> Nothing {
        struct Body: Decodable {
            var typing: Bool
            var timeout: Int64?
        }
        let roomID = try request.roomID(), userID = try request.requireCaller().userID
        guard try request.parameters["userId"] == userID else {
            throw MatrixError.forbidden("You cannot set the typing state of another user")
        }
        let body = try request.decode(Body.self)
        try await requireMember(userID, roomID)
        let timeout = min(max(body.timeout ?? 30_000, 0), Self.longestTyping)
        let typing = Typing(
            roomID: roomID, userID: userID, isTyping: body.typing && timeout > 0, expiresTS: now() + timeout, lastsMS: timeout)
        try await bus.publish(typing, to: .outputTypingEvent, key: roomID, id: UUID().uuidString, requestID: request.requestID)
        return Nothing()
    }

    /// [Receipts](https://spec.matrix.org/v1.19/client-server-api/#receipts)
    func receipt(_ request: Request) async throws -> Nothing {
        struct Body: Decodable {
            var threadID: String?
            enum CodingKeys: String, CodingKey { case threadID = "thread_id" }
        }
        let roomID = try request.roomID(), userID = try request.requireCaller().userID
        let eventID = try validEventID(try request.parameters["eventId"])
        let thread = try request.decodeOptional(Body.self).threadID
        if let thread, thread.isEmpty || thread.utf8.count > 255 || thread.utf8.contains(0) {
            throw MatrixError.invalidParam("thread_id is “main” or an event ID")
        }
        try await requireMember(userID, roomID)
        switch try request.parameters["receiptType"] {
        case "m.fully_read": try await fullyRead(roomID, eventID, userID)
        case let type where type == "m.read" || type == "m.read.private":
            try await read(roomID, eventID, userID, type: type, thread: thread, request)
        case let type: throw MatrixError.invalidParam("“\(type.prefix(64))” is not a type of receipt")
        }
        return Nothing()
    }

    /// [Fully read markers](https://spec.matrix.org/v1.19/client-server-api/#fully-read-markers)
    func readMarkers(_ request: Request) async throws -> Nothing {
        struct Body: Decodable {
            var fullyRead: String?
            var read: String?
            var privately: String?
            enum CodingKeys: String, CodingKey {
                case fullyRead = "m.fully_read"
                case read = "m.read"
                case privately = "m.read.private"
            }
        }
        let roomID = try request.roomID(), userID = try request.requireCaller().userID
        let body = try request.decodeOptional(Body.self)
        for eventID in [body.fullyRead, body.read, body.privately].compactMap(\.self) { _ = try validEventID(eventID) }
        try await requireMember(userID, roomID)
        if let eventID = body.fullyRead { try await fullyRead(roomID, eventID, userID) }
        for (type, eventID) in [("m.read", body.read), ("m.read.private", body.privately)] {
            if let eventID { try await read(roomID, eventID, userID, type: type, thread: nil, request) }
        }
        return Nothing()
    }

    private func fullyRead(_ roomID: String, _ eventID: String, _ userID: String) async throws {
        _ = try await users.call(
            SetAccountData(
                userID: userID, roomID: roomID, type: "m.fully_read", content: RawJSON(JSON.object(["event_id": .string(eventID)]))))
    }

    private func read(
        _ roomID: String, _ eventID: String, _ userID: String, type: String, thread: String?, _ request: Request
    ) async throws {
        let receipt = Receipt(
            roomID: roomID, userID: userID, type: type, eventID: eventID, threadID: thread, timestamp: now())
        try await bus.publish(
            receipt, to: .outputReceiptEvent, key: roomID, id: UUID().uuidString, requestID: request.requestID)
    }

    private func requireMember(_ userID: String, _ roomID: String) async throws {
        guard try await roomserver.call(QueryMembership(roomID: roomID, userID: userID)).membership == "join" else {
            throw MatrixError.forbidden("You are not in this room")
        }
    }

    private func now() -> Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }
}
