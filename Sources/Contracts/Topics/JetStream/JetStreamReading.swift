import Logging
import NATS

/// What every reader of a consumer does, however it takes the messages.
extension JetStreamBus {
    /// How long a silent reader keeps a message from the others.
    static let ackWait = Duration.seconds(10)

    /// Reads until cancelled or the client is closed, whatever becomes of the servers. `read` says when it has read something.
    func keepReading(
        stream: String, consumer: String, _ read: (_ consumer: PullConsumer, _ succeeded: () -> Void) async throws -> Void
    ) async throws {
        var failures = 0
        while true {
            try Task.checkCancellation()
            let generation = streams.generation
            do {
                let pull = try PullConsumer(jetStream, stream: stream, name: consumer)
                do {
                    try await read(pull) { failures = 0 }
                } catch {
                    await pull.close()
                    throw error
                }
            } catch NATSError.closed {
                throw BusError.unavailable("the bus is closed")
            } catch let error where !(error is CancellationError) && !Task.isCancelled {
                failures += 1
                logger.warning(
                    "reading a topic again", metadata: ["stream": "\(stream)", "consumer": "\(consumer)", "error": "\(error)"])
                if case NATSError.noResponders = error { try? await streams.ensure(after: generation) }
                try await Task.sleep(for: min(Redelivery.delay(failures: failures), .seconds(5)))
            }
        }
    }
}

extension Delivered where Message == [UInt8] {
    /// Reads the headers that ``JetStreamBus`` wrote; nil for what it did not write.
    init?(_ message: JetStreamMessage, failures: Int = 0) {
        let headers = message.message.headers
        guard let key = headers["Key"].flatMap(Wire.text), let id = headers["Nats-Msg-Id"].flatMap(Wire.text) else { return nil }
        self.init(
            message: message.message.payload, key: key, seq: headers["Seq"].flatMap { Int64($0) }, id: id,
            requestID: headers["Request-Id"].flatMap(Wire.text), redeliveries: message.delivery.deliveries - 1 + failures)
    }
}
