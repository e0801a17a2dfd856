import Logging
import NATS

/// Hands over a log's messages to one durable, many at a time, in the order of the stream.
///
/// One request brings all there is, and none stands while that is at work: where there is much, it comes in few pieces.
/// The next messages are asked for when these are done with, so what a handler throws at holds up the log, in its order.
struct LogReader: Sendable {
    let bus: JetStreamBus
    let stream: String
    let consumer: String
    let limit: Int
    let patience: Duration
    let handle: @Sendable ([Delivered<[UInt8]>]) async throws -> Void

    /// Reads until cancelled or the client is closed.
    func run() async throws {
        try await bus.keepReading(stream: stream, consumer: consumer) { consumer, succeeded in
            let pull = PullConsumer.Pull(batch: limit)
            while true {
                let messages = try await consumer.batch(pull)
                succeeded()
                try await take(messages, and: consumer)
            }
        }
    }

    /// Hands over the messages, and what gathers behind them for a while.
    private func take(_ first: [JetStreamMessage], and consumer: PullConsumer) async throws {
        var messages = first
        do {
            if patience > .zero, messages.count < limit {
                try await Task.sleep(for: patience)
                messages += try await consumer.fetch(limit - messages.count)
            }
            try await messages.inProgress(every: JetStreamBus.ackWait / 3) { try await hand(messages) }
        } catch {
            for message in messages { try? message.nak(delay: .milliseconds(20)) }
            throw error
        }
        try consumer.acknowledge(messages)
    }

    /// Hands messages over, again and again, until they are taken.
    private func hand(_ messages: [JetStreamMessage]) async throws {
        var failures = 0
        while true {
            let delivered = messages.compactMap { Delivered($0, failures: failures) }
            if delivered.count < messages.count { bus.logger.error("messages that no bus sent", metadata: ["stream": "\(stream)"]) }
            guard let first = delivered.first else { return }
            do {
                return try await handle(delivered)
            } catch {
                if error is CancellationError || Task.isCancelled { throw CancellationError() }
                failures += 1
                let delay = Redelivery.delay(failures: failures)
                bus.logger.warning("messages will come again", metadata: [
                    "consumer": "\(consumer)", "first": "\(first.key)", "count": "\(delivered.count)", "delay": "\(delay)",
                    "error": "\(error)", "request": "\(first.requestID ?? "-")",
                ])
                try await Task.sleep(for: delay)
            }
        }
    }
}
