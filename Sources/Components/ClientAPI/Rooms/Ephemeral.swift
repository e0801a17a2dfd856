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
        if let thread, thread != "main", !thread.hasPrefix("$") || thread.utf8.count > 255 || thread.utf8.contains(0) {
            throw MatrixError.invalidParam("thread_id is “main” or an event ID")
        }
        try await requireMember(userID, roomID)
        switch try request.parameters["receiptType"] {
        case "m.fully_read":
            guard thread == nil else { throw MatrixError.invalidParam("m.fully_read is for the whole room, not for a thread") }
            try await fullyRead(roomID, eventID, userID)
        case let type where type == "m.read" || type == "m.read.private":
            if let thread { try await require(eventID, in: thread, roomID, userID) }
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

    /// Moves the marker forward; an event before the marked one changes nothing.
    private func fullyRead(_ roomID: String, _ eventID: String, _ userID: String) async throws {
        if let marked = try await marked(roomID, userID) {
            async let before = event(marked, roomID, userID)?.place
            let after = try await event(eventID, roomID, userID)?.place
            if let before = try await before, let after, after <= before { return }
        }
        _ = try await users.call(
            SetAccountData(
                userID: userID, roomID: roomID, type: "m.fully_read", content: RawJSON(JSON.object(["event_id": .string(eventID)]))))
    }

    /// The event that the user's marker is at.
    private func marked(_ roomID: String, _ userID: String) async throws -> String? {
        let marker = try await found {
            try await users.call(QueryAccountData(userID: userID, roomID: roomID, type: "m.fully_read"))
        }
        return marker?.content.object?["event_id"]?.string
    }

    private func event(_ eventID: String, _ roomID: String, _ userID: String) async throws -> QueryEvent.Reply? {
        try await found { try await roomserver.call(QueryEvent(roomID: roomID, eventID: eventID, userID: userID)) }
    }

    private func require(_ eventID: String, in thread: String, _ roomID: String, _ userID: String) async throws {
        let isThere = try await ReceiptThread.holds(eventID, in: thread) { eventID in
            try await event(eventID, roomID, userID)?.event.object?["content"]?.object
        }
        guard isThere else { throw MatrixError.invalidParam("The event is not in that thread") }
    }

    /// What is asked for; nil where there is no such thing.
    private func found<Reply>(_ ask: () async throws -> Reply) async throws -> Reply? {
        do { return try await ask() } catch let error as MatrixError where error.status == 404 { return nil }
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
