import NIOCore
import Synchronization

/// The messages of one subject, in a bounded queue with one reader.
///
/// When the reader is slow, messages are dropped and counted.
public final class Subscription: Sendable, AsyncSequence {
    public typealias Element = NATSMessage

    /// What ended a wait.
    public enum Wake: Sendable, Hashable {
        case message(NATSMessage)
        /// The connection was lost and made again: what was asked for on the old one will not come.
        case reconnected
        case timedOut
        case closed
    }

    /// How much a queue holds.
    public struct Bounds: Sendable {
        /// What is lost when the queue is full.
        public enum Full: Sendable { case dropNewest, dropOldest }

        public var messages: Int
        public var bytes: Int
        public var full: Full

        public init(messages: Int = 4_096, bytes: Int = 16 << 20, full: Full = .dropNewest) {
            self.messages = messages
            self.bytes = bytes
            self.full = full
        }
    }

    private struct Waiter {
        var id: UInt64
        var deadline: UInt64?
        var continuation: CheckedContinuation<Wake, any Error>
    }

    private struct State {
        var queue = MessageQueue()
        var waiter: Waiter?
        var waits: UInt64 = 0
        var dropped = 0
        var hasReconnected = false
        var isClosed = false

        mutating func ready() -> Wake? {
            if hasReconnected {
                hasReconnected = false
                return .reconnected
            }
            if let message = queue.popFirst() { return .message(message) }
            return isClosed ? .closed : nil
        }
    }

    public let sid: UInt64
    public let subject: String
    private let bounds: Bounds
    private let deadlines: Deadlines
    private let state = Mutex(State())

    init(sid: UInt64, subject: String, bounds: Bounds, deadlines: Deadlines) {
        self.sid = sid
        self.subject = subject
        self.bounds = bounds
        self.deadlines = deadlines
    }

    /// How many messages were lost because the queue was full.
    public var dropped: Int { state.withLock { $0.dropped } }

    /// How many messages wait to be read.
    public var unread: Int { state.withLock { $0.queue.count } }

    /// Waits for a message until `timeout`, and throws when the task is cancelled.
    public func next(timeout: Duration? = nil) async throws -> Wake {
        if let wake = state.withLock({ $0.ready() }) { return wake }
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        let due = timeout.map { NIODeadline.now() + TimeAmount($0) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let immediate = state.withLock { state -> Result<Wake, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let wake = state.ready() { return .success(wake) }
                    guard state.waiter == nil else { return .failure(NATSError.busy) }
                    let deadline = due.map { deadlines.add($0) { self.end(id, .success(.timedOut)) } }
                    state.waiter = Waiter(id: id, deadline: deadline, continuation: continuation)
                    return nil
                }
                if let immediate { continuation.resume(with: immediate) }
            }
        } onCancel: {
            end(id, .failure(CancellationError()))
        }
    }

    private func end(_ id: UInt64, _ result: Result<Wake, any Error>) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.waiter?.id == id else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        resume(waiter, with: result)
    }

    private func resume(_ waiter: Waiter?, with result: Result<Wake, any Error>) {
        guard let waiter else { return }
        if let deadline = waiter.deadline { deadlines.remove(deadline) }
        waiter.continuation.resume(with: result)
    }

    /// Takes a message in; false when one had to be dropped.
    func deliver(_ message: NATSMessage) -> Bool {
        let (waiter, isTaken) = state.withLock { state -> (Waiter?, Bool) in
            guard !state.isClosed else { return (nil, true) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            var isWhole = true
            while state.queue.count >= bounds.messages || state.queue.bytes + message.payload.count > bounds.bytes {
                state.dropped += 1
                isWhole = false
                guard bounds.full == .dropOldest, state.queue.popFirst() != nil else { return (nil, false) }
            }
            state.queue.append(message)
            return (nil, isWhole)
        }
        resume(waiter, with: .success(.message(message)))
        return isTaken
    }

    /// Tells the reader that the connection is a new one.
    func reconnected() {
        let waiter = state.withLock { state -> Waiter? in
            guard let waiter = state.waiter else {
                state.hasReconnected = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        resume(waiter, with: .success(.reconnected))
    }

    /// No more will come; what waits can still be read.
    func close() {
        let waiter = state.withLock { state -> Waiter? in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        resume(waiter, with: .success(.closed))
    }

    /// What waits unread.
    func takeAll() -> [NATSMessage] {
        state.withLock { state in
            var messages: [NATSMessage] = []
            while let message = state.queue.popFirst() { messages.append(message) }
            return messages
        }
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let subscription: Subscription

        public mutating func next() async throws -> NATSMessage? {
            while true {
                switch try await subscription.next() {
                case .message(let message): return message
                case .closed: return nil
                case .reconnected, .timedOut: continue
                }
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: self) }
}

/// First in, first out, with its size in bytes.
struct MessageQueue: Sendable {
    private var messages: [NATSMessage] = []
    private var head = 0
    private(set) var bytes = 0

    var count: Int { messages.count - head }

    mutating func append(_ message: NATSMessage) {
        messages.append(message)
        bytes += message.payload.count
    }

    mutating func popFirst() -> NATSMessage? {
        guard head < messages.count else { return nil }
        let message = messages[head]
        messages[head] = NATSMessage(subject: "")
        head += 1
        bytes -= message.payload.count
        if head == messages.count || head >= 256 {
            messages.removeFirst(head)
            head = 0
        }
        return message
    }
}
