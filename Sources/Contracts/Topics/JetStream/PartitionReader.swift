import Logging
import NATS

/// Hands over the messages of one partition to one durable, one after another; replicas take turns.
struct PartitionReader: Sendable {
    /// How long a silent reader keeps a message from the others.
    static let ackWait = Duration.seconds(10)

    /// One at a time, so that no request of ours stands while a message is at work: nats-server 2.9 holds what is given
    /// back for the whole of `ackWait` when it first tries it on a request whose asker has gone.
    private static let pull = PullConsumer.Pull(batch: 1, expires: .seconds(30), heartbeat: .seconds(10))

    let bus: JetStreamBus
    let stream: String
    let consumer: String
    let handle: @Sendable (Delivered<[UInt8]>) async throws -> Void

    /// Reads until cancelled or the client is closed, whatever becomes of the servers.
    func run() async throws {
        var failures = 0
        while true {
            try Task.checkCancellation()
            let generation = await bus.streams.generation
            do {
                try await read { failures = 0 }
            } catch NATSError.closed {
                throw BusError.unavailable("the bus is closed")
            } catch let error where !(error is CancellationError) && !Task.isCancelled {
                failures += 1
                bus.logger.warning(
                    "reading a topic again", metadata: ["stream": "\(stream)", "consumer": "\(consumer)", "error": "\(error)"])
                if case NATSError.noResponders = error { try? await bus.streams.ensure(after: generation) }
                try await Task.sleep(for: min(Redelivery.delay(failures: failures), .seconds(5)))
            }
        }
    }

    private func read(_ succeeded: () -> Void) async throws {
        let consumer = try PullConsumer(bus.jetStream, stream: stream, name: consumer)
        do {
            while true {
                let message = try await consumer.next(Self.pull)
                succeeded()
                if try await take(message) { try consumer.acknowledge(message) }
            }
        } catch {
            await consumer.close()
            throw error
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
            try await message.inProgress(every: Self.ackWait / 3) { try await handle(delivered) }
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

extension Delivered where Message == [UInt8] {
    /// Reads the headers that ``JetStreamBus`` wrote; nil for what it did not write.
    fileprivate init?(_ message: JetStreamMessage) {
        let headers = message.message.headers
        guard let key = headers["Key"].flatMap(Wire.text), let id = headers["Nats-Msg-Id"].flatMap(Wire.text) else { return nil }
        self.init(
            message: message.message.payload, key: key, seq: headers["Seq"].flatMap { Int64($0) }, id: id,
            requestID: headers["Request-Id"].flatMap(Wire.text), redeliveries: message.delivery.deliveries - 1)
    }
}
