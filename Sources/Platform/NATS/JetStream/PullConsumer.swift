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

    /// How many messages the request that stands may still bring, and until when it stands.
    private struct Standing {
        var number: UInt64 = 0
        var left = 0
        var ends = ContinuousClock.now
    }

    private let jetStream: JetStream
    private let stream: String
    private let name: String
    private var client: NATSClient { jetStream.client }
    private let subject: String
    /// Each request has a subject of its own below this, so that the end of an old one does not end the one that stands.
    private let inbox: String
    private let subscription: Subscription
    private let standing = Mutex(Standing())
    private let last = Mutex<[JetStreamMessage]>([])

    /// Reads the consumer `name` of `stream`, which must exist.
    public init(_ jetStream: JetStream, stream: String, name: String) throws {
        guard Subject.isToken(stream), Subject.isToken(name) else { throw NATSError.invalidSubject("\(stream).\(name)") }
        self.jetStream = jetStream
        self.stream = stream
        self.name = name
        subject = "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(name)"
        inbox = jetStream.client.newInbox()
        subscription = try jetStream.client.subscribe(inbox + ".*")
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
            case .reconnected:
                try await reconnected()
            case .timedOut:
                ended()
                try await checkExistence()
            case .closed: throw NATSError.closed
            }
        }
    }

    /// Done with what was delivered last. Should an acknowledgement be lost with the connection, it is sent again on the next.
    public func acknowledge(_ messages: [JetStreamMessage]) throws {
        for message in messages { try message.ack() }
        last.withLock { $0 = messages }
    }

    private func reconnected() async throws {
        ended()
        for message in last.withLock({ $0 }) { try message.ack() }
        try await checkExistence()
    }

    /// Silence may mean that the consumer is gone: the server does not answer a request to one that isn't there.
    private func checkExistence() async throws {
        do {
            guard try await jetStream.consumer(name, on: stream) != nil else { throw NATSError.noResponders }
        } catch let error as JetStreamError where error.kind == .streamNotFound {
            throw NATSError.noResponders
        } catch NATSError.timeout, NATSError.disconnected {
            return
        } catch let error as JetStreamError where error.isTemporary {
            return
        }
    }

    /// Up to `pull.batch` messages: what there is at once; where there is nothing, what comes first, however long it takes.
    ///
    /// No request stands when it returns. Throws ``NATSError/noResponders`` when there is no such consumer.
    public func batch(_ pull: Pull) async throws -> [JetStreamMessage] {
        while true {
            let asked = ContinuousClock.now
            let messages = try await fetch(pull.batch, expires: pull.expires, heartbeat: pull.heartbeat)
            if !messages.isEmpty { return messages }
            // Refused, as where a request of somebody who has gone still stands: not at once again.
            if .now - asked < .milliseconds(200) { try await Task.sleep(for: .milliseconds(200)) }
        }
    }

    /// Up to `batch` messages: what there is at once; with `expires`, where there is nothing, what comes first in that time.
    public func fetch(_ batch: Int, expires: Duration? = nil, heartbeat: Duration? = nil) async throws -> [JetStreamMessage] {
        let end = ContinuousClock.now + (expires ?? client.options.requestTimeout) + .seconds(1)
        try send(batch, expires: expires, heartbeat: heartbeat, isOnce: true, until: end)
        defer { ended() }
        var messages: [JetStreamMessage] = []
        do {
            try await collect(batch, until: end, heartbeat: heartbeat, into: &messages)
        } catch {
            for message in messages { try? message.nak(delay: .milliseconds(20)) }
            throw error
        }
        return messages
    }

    private func collect(
        _ batch: Int, until end: ContinuousClock.Instant, heartbeat: Duration?, into messages: inout [JetStreamMessage]
    ) async throws {
        while messages.count < batch, standing.withLock({ $0.left }) > 0 {
            let left = end - .now
            let timeout = heartbeat.map { min($0 * 2 + .seconds(1), left) } ?? left
            switch try await subscription.next(timeout: max(timeout, .zero)) {
            case .message(let message):
                if let delivered = try take(message) { messages.append(delivered) }
            case .reconnected: return try await reconnected()
            case .timedOut: return try await checkExistence()
            case .closed: throw NATSError.closed
            }
        }
    }

    /// How many messages have come and wait to be read.
    public var unread: Int { subscription.unread }

    /// Stops reading, and gives back what was delivered and not read.
    ///
    /// With a short delay, for somebody else to ask: nats-server 2.9 holds it for the whole of `ackWait` when the only
    /// request that stands is ours.
    public func close() async {
        for message in await client.drain(subscription) {
            guard let delivered = JetStreamMessage(message, client: client) else { continue }
            try? delivered.nak(delay: .milliseconds(20))
        }
    }

    private func ask(_ pull: Pull) throws {
        try send(
            pull.batch, expires: pull.expires, heartbeat: pull.heartbeat, isOnce: false, until: .now + pull.expires + .seconds(1))
    }

    /// - Parameter isOnce: the request ends when there is no more.
    private func send(
        _ batch: Int, expires: Duration?, heartbeat: Duration?, isOnce: Bool, until end: ContinuousClock.Instant
    ) throws {
        var request = "{\"batch\":\(batch)"
        if let expires { request += ",\"expires\":\(Nanoseconds(expires).count)" }
        if let heartbeat { request += ",\"idle_heartbeat\":\(Nanoseconds(heartbeat).count)" }
        request += isOnce ? ",\"no_wait\":true}" : "}"
        let number = standing.withLock { $0.number } + 1
        try client.publish(Array(request.utf8), to: subject, reply: "\(inbox).\(number)")
        standing.withLock { $0 = Standing(number: number, left: batch, ends: end) }
    }

    private func ended() { standing.withLock { $0.left = 0 } }

    /// A message, or nil for what only concerns the request that stands.
    private func take(_ message: NATSMessage) throws -> JetStreamMessage? {
        guard let status = message.status else {
            guard let delivered = JetStreamMessage(message, client: client) else { return nil }
            standing.withLock { $0.left = max(0, $0.left - 1) }
            return delivered
        }
        guard standing.withLock({ message.subject == "\(inbox).\($0.number)" }) else { return nil }
        if status.code == 100 { return nil }
        ended()
        if status.code == 503 || status.description.lowercased().contains("consumer deleted") { throw NATSError.noResponders }
        return nil
    }
}
