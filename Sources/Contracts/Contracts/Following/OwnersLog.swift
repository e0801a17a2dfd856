import Delivery
import Matrix
import Topics

/// A log that a topic is published from, as its owner answers for it.
public struct OwnersLog<Message: Codable & Sendable>: Sendable {
    public struct Entry: Sendable {
        public var seq: Int64
        public var bytes: [UInt8]

        public init(seq: Int64, bytes: [UInt8]) {
            self.seq = seq
            self.bytes = bytes
        }
    }

    let topic: Topic<Message>
    /// A page of a key's log above a number, in order.
    let entries: @Sendable (_ key: String, _ after: Int64) async throws -> [Entry]
    /// A page of the logs' heads, by key.
    let heads: @Sendable (_ after: String?) async throws -> [(key: String, seq: Int64)]

    public init(
        topic: Topic<Message>, entries: @escaping @Sendable (_ key: String, _ after: Int64) async throws -> [Entry],
        heads: @escaping @Sendable (_ after: String?) async throws -> [(key: String, seq: Int64)]
    ) {
        self.topic = topic
        self.entries = entries
        self.heads = heads
    }

    func key(_ key: String) -> OutboxKey { OutboxKey(topic: topic.name, key: key) }

    private static func entry(_ message: QueryOutput.Message) -> Entry {
        Entry(seq: message.seq, bytes: message.message.bytes)
    }
}

extension OwnersLog where Message == OutputEvent {
    /// What happened in each room, from the roomserver.
    public static func rooms(_ roomserver: any RoomserverAPI) -> Self {
        Self(
            topic: .outputRoomEvent,
            entries: { try await roomserver.call(QueryOutput(roomID: $0, after: $1)).messages.map(entry) },
            heads: {
                try await roomserver.call(QueryOutputHeads(changedSince: 0, after: $0)).heads.map { (key: $0.roomID, seq: $0.seq) }
            })
    }
}

extension OwnersLog where Message == ClientData {
    /// Each user's account data, from the userapi.
    public static func clientData(_ users: any UserAPI) -> Self {
        Self(
            topic: .outputClientData,
            entries: { try await users.call(QueryClientDataOutput(userID: $0, after: $1)).messages.map(entry) },
            heads: {
                try await users.call(QueryClientDataHeads(changedSince: 0, after: $0)).heads.map { (key: $0.userID, seq: $0.seq) }
            })
    }
}
