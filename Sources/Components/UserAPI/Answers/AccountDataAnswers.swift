import Contracts
import Delivery
import InternalAPI
import Matrix
import PushRules
import SQL
import Topics
import Web

extension UserServer {
    /// Less than what a message of a topic holds.
    private static let mostAccountDataBytes = 192 << 10

    public func call(_ call: SetAccountData) async throws -> Done {
        guard call.content.object != nil else { throw MatrixError.badJSON("Account data must be a JSON object") }
        try checkSize(of: call.content)
        try check(call.type, "type", atMost: 255)
        try check(call.roomID, "room_id", atMost: 255)
        let data = ClientData(userID: call.userID, roomID: call.roomID, type: call.type, content: call.content)
        let requestID = RequestID.current
        let told = try await database.transaction { [self] tx in
            try lockAccount(call.userID, in: tx)
            return try set(data, for: requestID, in: tx)
        }
        publisher.nudge(told)
        return Done()
    }

    /// Changes one piece of account data by what it is now, which nobody else changes meanwhile; nothing is told where
    /// the change comes out as nil.
    func change(
        _ type: String, of userID: String, roomID: String?,
        _ change: @escaping @Sendable (RawJSON?) throws -> RawJSON?
    ) async throws {
        let requestID = RequestID.current
        let told = try await database.transaction { [self] tx -> [OutboxEntry] in
            try lockAccount(userID, in: tx)
            let before = try AccountDataTable.content(of: userID, roomID: roomID, type: type, in: tx)
            guard let content = try change(before.map { try RawJSON(validating: $0) }) else { return [] }
            try checkSize(of: content)
            return try set(
                ClientData(userID: userID, roomID: roomID, type: type, content: content), for: requestID, in: tx)
        }
        publisher.nudge(told)
    }

    private func checkSize(of content: RawJSON) throws {
        guard content.bytes.count <= Self.mostAccountDataBytes else {
            throw MatrixError.tooLarge("Account data may have \(Self.mostAccountDataBytes) bytes")
        }
    }

    private func lockAccount(_ userID: String, in tx: Transaction) throws {
        guard try AccountTable.lock(userID, in: tx) else { throw MatrixError.notFound("No such user") }
    }

    public func call(_ call: QueryAccountData) async throws -> QueryAccountData.Reply {
        let content = try await database.read { tx in
            try AccountDataTable.content(of: call.userID, roomID: call.roomID, type: call.type, in: tx)
        }
        guard let content else { throw MatrixError.notFound("Account data not found") }
        return QueryAccountData.Reply(content: try RawJSON(validating: content))
    }

    public func call(_ call: QueryPushRules) async throws -> QueryPushRules.Reply {
        let stored = try await database.read { tx in
            try AccountDataTable.content(of: call.userID, roomID: nil, type: "m.push_rules", in: tx)
        }
        return QueryPushRules.Reply(rules: try stored.map { try RawJSON(validating: $0) } ?? defaultPushRules(for: call.userID))
    }

    /// Stores the data and puts it into the user's output log, whose lock also orders two that set the same.
    /// Whoever commits gives what is returned to the publisher.
    func set(_ data: ClientData, for requestID: String?, in tx: Transaction) throws -> [OutboxEntry] {
        let entries = try tell(data, for: requestID, in: tx)
        if try AccountDataTable.content(of: data.userID, roomID: data.roomID, type: data.type, in: tx) == nil,
            try AccountDataTable.hasEntries(config.mostAccountData, of: data.userID, in: tx)
        {
            throw MatrixError.forbidden("You have \(config.mostAccountData) pieces of account data: no more can be kept")
        }
        try AccountDataTable.upsert(data.content.bytes, of: data.userID, roomID: data.roomID, type: data.type, in: tx)
        return entries
    }

    /// Puts it into the user's output log.
    func tell(_ data: ClientData, for requestID: String?, in tx: Transaction) throws -> [OutboxEntry] {
        let message = OutboxMessage(
            topic: Topic.outputClientData.name, bytes: try JSONCoder.encode(data), requestID: requestID)
        return try outbox.append(key: data.userID, messages: [message], in: tx)
    }

    func defaultPushRules(for userID: String) throws -> RawJSON {
        try RawJSON(validating: JSONCoder.encode(["global": PushRuleset.defaults(for: userID)]))
    }
}
