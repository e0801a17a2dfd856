import Foundation
import NIOCore
import Synchronization

/// A message delivered by a consumer, to be acknowledged.
public struct JetStreamMessage: Sendable {
    public let message: NATSMessage
    /// Where it stands in the stream, and how often it was delivered.
    public let delivery: DeliveryMetadata
    private let acknowledgement: String
    fileprivate let client: NATSClient

    /// Nil when the message is not from a consumer.
    init?(_ message: NATSMessage, client: NATSClient) {
        guard let reply = message.reply, let delivery = DeliveryMetadata(replySubject: reply) else { return nil }
        self.message = message
        self.delivery = delivery
        self.client = client
        acknowledgement = reply
    }

    /// Done with; should this be lost on the way, the message comes again.
    public func ack() throws { try client.publish(Self.ackBody, to: acknowledgement) }

    /// Done with, and returns once the server knows.
    public func doubleAck(timeout: Duration? = nil) async throws {
        _ = try await client.request(Self.ackBody, to: acknowledgement, timeout: timeout)
    }

    /// Not done: deliver it again after a delay.
    public func nak(delay: Duration = .zero) throws {
        let body = delay > .zero ? "-NAK {\"delay\": \(Nanoseconds(delay).count)}" : "-NAK"
        try client.publish(Array(body.utf8), to: acknowledgement)
    }

    /// Still at work: wait for as long again before delivering it to somebody else.
    public func inProgress() throws { try client.publish(Array("+WPI".utf8), to: acknowledgement) }

    /// Never deliver it again.
    public func term() throws { try client.publish(Array("+TERM".utf8), to: acknowledgement) }

    private static let ackBody = Array("+ACK".utf8)
}

extension [JetStreamMessage] {
    /// Says that we are still at work on them every so often until `body` is done.
    public func inProgress<T>(every interval: Duration, _ body: () async throws -> T) async rethrows -> T {
        guard let deadlines = first?.client.deadlines else { return try await body() }
        let renewal = Renewal(deadlines: deadlines, interval: TimeAmount(interval)) {
            for message in self { try? message.inProgress() }
        }
        renewal.start()
        defer { renewal.stop() }
        return try await body()
    }
}

/// What the reply subject of a delivered message says.
public struct DeliveryMetadata: Sendable, Hashable {
    public var stream: String
    public var consumer: String
    /// How often the message was delivered, this time included.
    public var deliveries: Int
    public var streamSequence: UInt64
    public var consumerSequence: UInt64
    /// How many more wait.
    public var pending: UInt64

    /// `$JS.ACK.stream.consumer.deliveries.streamSequence.consumerSequence.time.pending`, and in newer servers with domain
    /// and account before the stream, and a token at the end.
    init?(replySubject: String) {
        let tokens = replySubject.split(separator: ".", omittingEmptySubsequences: false)
        guard tokens.count >= 9, tokens[0] == "$JS", tokens[1] == "ACK" else { return nil }
        let first = tokens.count == 9 ? 2 : 4
        guard tokens.count >= first + 7, let deliveries = Int(tokens[first + 2]),
            let streamSequence = UInt64(tokens[first + 3]), let consumerSequence = UInt64(tokens[first + 4]),
            let pending = UInt64(tokens[first + 6])
        else { return nil }
        stream = String(tokens[first])
        consumer = String(tokens[first + 1])
        self.deliveries = deliveries
        self.streamSequence = streamSequence
        self.consumerSequence = consumerSequence
        self.pending = pending
    }
}

/// Does something again and again, on the event loop, until it is stopped.
private final class Renewal: Sendable {
    private let deadlines: Deadlines
    private let interval: TimeAmount
    private let renew: @Sendable () -> Void
    private let next = Mutex<UInt64?>(nil)

    init(deadlines: Deadlines, interval: TimeAmount, renew: @escaping @Sendable () -> Void) {
        self.deadlines = deadlines
        self.interval = interval
        self.renew = renew
    }

    func start() {
        next.withLock { $0 = schedule() }
    }

    func stop() {
        let id = next.withLock { next in
            defer { next = nil }
            return next
        }
        if let id { deadlines.remove(id) }
    }

    private func schedule() -> UInt64 {
        deadlines.add(.now() + interval) {
            let goesOn = self.next.withLock { next in
                guard next != nil else { return false }
                next = self.schedule()
                return true
            }
            if goesOn { self.renew() }
        }
    }
}
