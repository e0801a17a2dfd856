/// A stream of messages between components: what it is called, what is in it, and how long it is kept.
///
/// Every topic is listed in `TopicList.swift`; retention can't be changed once a stream exists, so it must be right there.
public struct Topic<Message: Codable & Sendable>: Sendable {
    public let spec: StreamSpec
    public var name: String { spec.name }

    public init(
        name: String, retention: StreamSpec.Retention, storage: StreamSpec.Storage = .file, maxBytes: Int64 = 256 << 20,
        maxAge: Duration? = nil, discard: StreamSpec.Discard = .new, isLog: Bool = false
    ) {
        spec = StreamSpec(
            name: name, retention: retention, storage: storage, maxBytes: maxBytes, maxAge: maxAge, discard: discard, isLog: isLog)
    }
}

/// A topic without its payload type: what a bus must know to keep its messages.
public struct StreamSpec: Sendable, Hashable {
    /// When a message is let go.
    public enum Retention: Sendable, Hashable {
        /// One durable takes each message, and then it is gone.
        case workQueue
        /// Gone when every durable has acknowledged it.
        case interest
        /// Kept until it is too old or the stream too large.
        case limits
    }

    /// Whether messages outlive the server that keeps them.
    public enum Storage: Sendable, Hashable { case file, memory }

    /// What a full stream does.
    public enum Discard: Sendable, Hashable {
        /// Drops the oldest, for topics whose listeners can ask for what they missed.
        case old
        /// Refuses the publish, so that the sender's outbox keeps it.
        case new
    }

    /// The largest payload a message may have; what is larger is named, and asked for.
    public static let maxPayload = 256 << 10

    public let name: String
    public let retention: Retention
    public let storage: Storage
    public private(set) var maxBytes: Int64
    public let maxAge: Duration?
    public let discard: Discard
    /// An outbox keeps what is told here, and listeners ask for what they missed: the built-in bus need not keep it too.
    public let isLog: Bool

    public init(
        name: String, retention: Retention, storage: Storage = .file, maxBytes: Int64 = 256 << 20, maxAge: Duration? = nil,
        discard: Discard = .new, isLog: Bool = false
    ) {
        self.name = name
        self.retention = retention
        self.storage = storage
        self.maxBytes = maxBytes
        self.maxAge = maxAge
        self.discard = discard
        self.isLog = isLog
    }

    public init<Message>(_ topic: Topic<Message>) { self = topic.spec }

    /// The same with at most so many bytes.
    public func bounded(by bytes: Int64) -> StreamSpec {
        var bounded = self
        bounded.maxBytes = min(maxBytes, bytes)
        return bounded
    }
}
