import Synchronization
import Topics

/// A bus within the test, which loses, repeats and holds back what the test tells it to.
final class LocalBus: Bus {
    typealias Message = Delivered<[UInt8]>

    private struct State {
        var queues: [String: [Message]] = [:]
        var arrivals: [String: [AsyncStream<Void>.Continuation]] = [:]
        var listeners: [String: [AsyncStream<[UInt8]>.Continuation]] = [:]
        var reconnections: [AsyncStream<Void>.Continuation] = []
        var fault: @Sendable (String, Message) -> [Message] = { [$1] }
        var losesSignals = false
        var signals = 0
    }

    private let state = Mutex(State())

    /// What becomes of each message that is published from now on.
    func onPublish(_ fault: @escaping @Sendable (_ topic: String, Message) -> [Message]) { state.withLock { $0.fault = fault } }

    /// Whether signals get lost.
    func loseSignals(_ lose: Bool) { state.withLock { $0.losesSignals = lose } }

    var signals: Int { state.withLock { $0.signals } }

    func reconnect() { for one in state.withLock({ $0.reconnections }) { one.yield() } }

    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {
        enqueue(Message(message: bytes, key: key, seq: seq, id: id, requestID: requestID), topic: topic, faults: true)
    }

    /// Delivers a message as it is.
    func enqueue(_ message: Message, topic: String, faults: Bool = false) {
        let arrivals = state.withLock { state in
            let messages = faults ? state.fault(topic, message) : [message]
            state.queues[topic, default: []] += messages
            return state.arrivals[topic] ?? []
        }
        for arrival in arrivals { arrival.yield() }
    }

    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Message) async throws -> Void
    ) async throws {
        // One listener: the other components' durables are not at work here.
        guard durable.component == "syncapi" else { return try await Task.sleep(for: .seconds(3600)) }
        let (arrived, arrival) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.arrivals[topic, default: []].append(arrival) }
        arrival.yield()
        for await _ in arrived {
            while !Task.isCancelled, let message = next(topic) {
                do { try await handle(message) } catch {
                    state.withLock { $0.queues[topic, default: []].insert(message, at: 0) }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }

    private func next(_ topic: String) -> Message? {
        state.withLock { state in
            guard var queue = state.queues[topic], !queue.isEmpty else { return nil }
            let first = queue.removeFirst()
            state.queues[topic] = queue
            return first
        }
    }

    func signal(_ subject: String, _ bytes: [UInt8]) async {
        let listeners = state.withLock { state -> [AsyncStream<[UInt8]>.Continuation] in
            state.signals += 1
            return state.losesSignals ? [] : state.listeners[subject] ?? []
        }
        for listener in listeners { listener.yield(bytes) }
    }

    func signals(_ subject: String) -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingNewest(1024))
        state.withLock { $0.listeners[subject, default: []].append(continuation) }
        return stream
    }

    var reconnections: AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        state.withLock { $0.reconnections.append(continuation) }
        return stream
    }
}
