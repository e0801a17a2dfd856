import Logging
import NATS

/// Hands over the messages of one partition to one durable, one after another; replicas take turns.
struct PartitionReader: Sendable {
    /// One at a time, so that no request of ours stands while a message is at work: nats-server 2.9 holds what is given
    /// back for the whole of `ackWait` when it first tries it on a request whose asker has gone.
    private static let pull = PullConsumer.Pull(batch: 1, expires: .seconds(30), heartbeat: .seconds(10))

    let bus: JetStreamBus
    let stream: String
    let consumer: String
    let handle: @Sendable (Delivered<[UInt8]>) async throws -> Void

    /// Reads until cancelled or the client is closed.
    func run() async throws {
        try await bus.keepReading(stream: stream, consumer: consumer) { consumer, succeeded in
            while true {
                let message = try await consumer.next(Self.pull)
                succeeded()
                if try await take(message) { try consumer.acknowledge([message]) }
            }
        }
    }

    /// Whether the message is done with.
    private func take(_ message: JetStreamMessage) async throws -> Bool {
        guard let delivered = Delivered(message) else {
            bus.logger.error("a message that no bus sent", metadata: ["subject": "\(message.message.subject)"])
            try message.term()
            return false
        }
        do {
            try await [message].inProgress(every: JetStreamBus.ackWait / 3) { try await handle(delivered) }
        } catch {
            if error is CancellationError || Task.isCancelled {
                try? message.nak(delay: .milliseconds(20))
                throw CancellationError()
            }
            let delay = Redelivery.delay(failures: message.delivery.deliveries)
            bus.logger.warning("a message will come again", metadata: [
                "consumer": "\(consumer)", "key": "\(delivered.key)", "delay": "\(delay)", "error": "\(error)",
                "request": "\(delivered.requestID ?? "-")",
            ])
            try message.nak(delay: delay)
            return false
        }
        return true
    }
}
