import Matrix

/// Where messages go and come from: JetStream between processes, ``EmbeddedBus`` within one.
///
/// Both keep the same contract: durable, in order by key, redelivered until acknowledged. Either may deliver a message
/// twice, also behind a newer one of its key, so consumers keep a cursor.
public protocol Bus: Sendable {
    /// Returns once the message is kept. `key` (a room or user) picks the partition and orders; `id` de-duplicates;
    /// `seq` is the key's number when the message comes from an outbox.
    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws

    /// Hands each message to `handle`, one at a time for a key, in order; acknowledges it when `handle` returns and
    /// delivers it again after a delay when `handle` throws. Runs until cancelled.
    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws

    /// Wakes whoever listens to `subject`, in any process; may be lost.
    func signal(_ subject: String, _ bytes: [UInt8]) async

    /// What is signalled on `subject` from now on; the oldest are dropped when the listener is slow.
    func signals(_ subject: String) -> AsyncStream<[UInt8]>

    /// Yields after each reconnection, when what was told meanwhile may be lost: time to compare heads with cursors.
    var reconnections: AsyncStream<Void> { get }
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
