import Foundation
import Synchronization

/// Reads a durable consumer by asking for batches; one reader at a time.
public final class PullConsumer: Sendable {
    /// What a pull asks for.
    public struct Pull: Sendable, Hashable {
        /// How many messages one request may bring.
        public var batch: Int
        /// How long the request stands.
        public var expires: Duration
        /// How often the server says that it is still there; silence for twice as long ends the request.
        public var heartbeat: Duration?

        public init(batch: Int = 64, expires: Duration = .seconds(30), heartbeat: Duration? = .seconds(10)) {
            self.batch = batch
            self.expires = expires
            self.heartbeat = heartbeat
        }
    }

    private struct Request: Encodable {
        var batch: Int
        var expires: Int64?
        var idleHeartbeat: Int64?
        var noWait: Bool?
        enum CodingKeys: String, CodingKey { case batch, expires, idleHeartbeat = "idle_heartbeat", noWait = "no_wait" }
    }

    /// How many messages the request that stands may still bring, and until when it stands.
    private struct Standing {
        var left = 0
        var ends = ContinuousClock.now
    }

    private let client: NATSClient
    private let subject: String
    private let subscription: Subscription
    private let standing = Mutex(Standing())

    /// Reads the consumer `name` of `stream`, which must exist.
    public init(_ jetStream: JetStream, stream: String, name: String) throws {
        guard Subject.isToken(stream), Subject.isToken(name) else { throw NATSError.invalidSubject("\(stream).\(name)") }
        client = jetStream.client
        subject = "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(name)"
        subscription = try client.subscribe(client.newInbox())
    }

    /// The next message, however long it takes; asks again whenever a request has ended.
    ///
    /// Throws ``NATSError/noResponders`` when there is no such consumer.
    public func next(_ pull: Pull = Pull()) async throws -> JetStreamMessage {
        while true {
            let now = ContinuousClock.now
            if standing.withLock({ $0.left == 0 || $0.ends <= now }) { try ask(pull) }
            let left = standing.withLock { $0.ends } - now
            let timeout = pull.heartbeat.map { min($0 * 2 + .seconds(1), left) } ?? left
            switch try await subscription.next(timeout: timeout) {
            case .message(let message):
                if let delivered = try take(message) { return delivered }
            case .reconnected, .timedOut: ended()
            case .closed: throw NATSError.closed
            }
        }
    }

    /// Up to `batch` messages: what there is at once, or with `expires` what comes in that time.
    public func fetch(_ batch: Int, expires: Duration? = nil, heartbeat: Duration? = nil) async throws -> [JetStreamMessage] {
        let noWait = expires == nil
        try send(Request(
            batch: batch, expires: expires.map { Nanoseconds($0).count }, idleHeartbeat: heartbeat.map { Nanoseconds($0).count },
            noWait: noWait ? true : nil))
        let end = ContinuousClock.now + (expires ?? client.options.requestTimeout) + .seconds(1)
        standing.withLock { $0 = Standing(left: batch, ends: end) }
        defer { ended() }
        var messages: [JetStreamMessage] = []
        while messages.count < batch, standing.withLock({ $0.left }) > 0 {
            let left = end - .now
            let timeout = heartbeat.map { min($0 * 2 + .seconds(1), left) } ?? left
            switch try await subscription.next(timeout: max(timeout, .zero)) {
            case .message(let message):
                if let delivered = try take(message) { messages.append(delivered) }
            case .reconnected, .timedOut: return messages
            case .closed: throw NATSError.closed
            }
        }
        return messages
    }

    /// Stops reading, and gives back at once what was delivered and not read.
    public func close() async {
        for message in await client.drain(subscription) {
            guard let delivered = JetStreamMessage(message, client: client) else { continue }
            try? delivered.nak()
        }
    }

    private func ask(_ pull: Pull) throws {
        try send(Request(
            batch: pull.batch, expires: Nanoseconds(pull.expires).count,
            idleHeartbeat: pull.heartbeat.map { Nanoseconds($0).count }, noWait: nil))
        standing.withLock { $0 = Standing(left: pull.batch, ends: .now + pull.expires + .seconds(1)) }
    }

    private func send(_ request: Request) throws {
        try client.publish([UInt8](try JSONEncoder().encode(request)), to: subject, reply: subscription.subject)
    }

    private func ended() { standing.withLock { $0.left = 0 } }

    /// A message, or nil for what only concerns the request that stands.
    private func take(_ message: NATSMessage) throws -> JetStreamMessage? {
        guard let status = message.status else {
            guard let delivered = JetStreamMessage(message, client: client) else { return nil }
            standing.withLock { $0.left = max(0, $0.left - 1) }
            return delivered
        }
        switch status.code {
        case 100: break
        case 503: throw NATSError.noResponders
        case 409 where status.description.lowercased().contains("consumer deleted"): throw NATSError.noResponders
        default: ended()
        }
        return nil
    }
}
