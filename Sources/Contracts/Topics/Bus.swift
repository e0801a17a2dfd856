import Delivery
import Matrix

/// Where messages go and come from: JetStream between processes, ``EmbeddedBus`` within one.
///
/// Both keep the same contract: durable, in order by key, redelivered until acknowledged. Either may deliver a message
/// twice, also behind a newer one of its key, so consumers keep a cursor.
public protocol Bus: Sendable {
    /// Returns once the message is kept. `key` (a room or user) picks the partition and orders; `id` de-duplicates;
    /// `seq` is the key's number when the message comes from an outbox.
    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws

    /// Several messages of one key, in their order; returns once all are kept. Where it throws, any of them may be.
    func publish(_ messages: [Outgoing]) async throws

    /// Hands each message to `handle`, one at a time for a key, in order; acknowledges it when `handle` returns and
    /// delivers it again after a delay when `handle` throws. Runs until cancelled.
    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws

    /// The same for topics whose messages have numbers, at most `limit` of them together: in order, acknowledged when `handle`
    /// returns, and when it throws all of them are delivered again.
    func consume(
        bytesOf topic: String, as durable: Durable, upTo limit: Int,
        handle: @escaping @Sendable ([Delivered<[UInt8]>]) async throws -> Void
    ) async throws

    /// Wakes whoever listens to `subject`, in any process; may be lost.
    func signal(_ subject: String, _ bytes: [UInt8]) async

    /// What is signalled on `subject` from now on; the oldest are dropped when the listener is slow.
    func signals(_ subject: String) -> AsyncStream<[UInt8]>

    /// Yields after each reconnection, when what was told meanwhile may be lost: time to compare heads with cursors.
    var reconnections: AsyncStream<Void> { get }
}

/// A message for the bus.
public struct Outgoing: Sendable {
    public var bytes: [UInt8]
    public var topic: String
    public var key: String
    public var id: String
    public var seq: Int64?
    public var requestID: String?

    public init(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) {
        self.bytes = bytes
        self.topic = topic
        self.key = key
        self.id = id
        self.seq = seq
        self.requestID = requestID
    }
}

extension Outgoing {
    public init(_ entry: OutboxEntry) {
        self.init(
            bytes: entry.bytes, topic: entry.topic, key: entry.key, id: entry.id, seq: entry.seq, requestID: entry.requestID)
    }
}

/// One at a time, where a bus knows no better.
extension Bus {
    public func publish(_ messages: [Outgoing]) async throws {
        for message in messages {
            try await publish(
                bytes: message.bytes, topic: message.topic, key: message.key, id: message.id, seq: message.seq,
                requestID: message.requestID)
        }
    }

    public func consume(
        bytesOf topic: String, as durable: Durable, upTo limit: Int,
        handle: @escaping @Sendable ([Delivered<[UInt8]>]) async throws -> Void
    ) async throws {
        try await consume(bytesOf: topic, as: durable) { try await handle([$0]) }
    }
}

extension Bus {
    public func publish<M>(
        _ message: M, to topic: Topic<M>, key: String, id: String, seq: Int64? = nil, requestID: String? = nil
    ) async throws {
        let bytes = try JSONCoder.encode(message)
        try await publish(bytes: bytes, topic: topic.name, key: key, id: id, seq: seq, requestID: requestID)
    }

    public func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?) async throws {
        try await publish(bytes: bytes, topic: topic, key: key, id: id, seq: seq, requestID: nil)
    }

    public func consume<M>(
        _ topic: Topic<M>, as durable: Durable, handle: @escaping @Sendable (Delivered<M>) async throws -> Void
    ) async throws {
        try await consume(bytesOf: topic.name, as: durable) { delivered in
            let message = try JSONCoder.decode(M.self, from: delivered.message)
            try await handle(delivered.with(message: message))
        }
    }
}
