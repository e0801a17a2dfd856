/// How a stream keeps messages.
public struct StreamConfiguration: Sendable, Hashable, Codable {
    public enum Retention: String, Sendable, Codable { case limits, interest, workQueue = "workqueue" }
    public enum Storage: String, Sendable, Codable { case file, memory }
    public enum Discard: String, Sendable, Codable { case old, new }

    public var name: String
    public var subjects: [String]
    public var retention: Retention
    public var storage: Storage
    public var discard: Discard
    public var maxBytes: Int64
    public var maxMessages: Int64
    /// Zero: for ever.
    public var maxAge: Nanoseconds
    /// How long a `Nats-Msg-Id` is remembered.
    public var duplicateWindow: Nanoseconds
    public var replicas: Int

    public init(
        name: String, subjects: [String], retention: Retention = .limits, storage: Storage = .file, discard: Discard = .old,
        maxBytes: Int64 = -1, maxMessages: Int64 = -1, maxAge: Duration = .zero, duplicateWindow: Duration = .seconds(120),
        replicas: Int = 1
    ) {
        self.name = name
        self.subjects = subjects
        self.retention = retention
        self.storage = storage
        self.discard = discard
        self.maxBytes = maxBytes
        self.maxMessages = maxMessages
        self.maxAge = Nanoseconds(maxAge)
        self.duplicateWindow = Nanoseconds(maxAge > .zero ? min(duplicateWindow, maxAge) : duplicateWindow)
        self.replicas = replicas
    }

    private enum CodingKeys: String, CodingKey {
        case name, subjects, retention, storage, discard, maxBytes = "max_bytes", maxMessages = "max_msgs", maxAge = "max_age"
        case duplicateWindow = "duplicate_window", replicas = "num_replicas"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        subjects = try container.decodeIfPresent([String].self, forKey: .subjects) ?? []
        retention = try container.decode(Retention.self, forKey: .retention)
        storage = try container.decode(Storage.self, forKey: .storage)
        discard = try container.decodeIfPresent(Discard.self, forKey: .discard) ?? .old
        maxBytes = try container.decodeIfPresent(Int64.self, forKey: .maxBytes) ?? -1
        maxMessages = try container.decodeIfPresent(Int64.self, forKey: .maxMessages) ?? -1
        maxAge = try container.decodeIfPresent(Nanoseconds.self, forKey: .maxAge) ?? Nanoseconds(.zero)
        duplicateWindow = try container.decodeIfPresent(Nanoseconds.self, forKey: .duplicateWindow) ?? Nanoseconds(.zero)
        replicas = try container.decodeIfPresent(Int.self, forKey: .replicas) ?? 1
    }
}

/// A duration as JetStream writes it.
public struct Nanoseconds: Sendable, Hashable, Codable {
    public var count: Int64

    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowsToo) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        count = overflows || overflowsToo ? .max : sum
    }

    public var duration: Duration { .nanoseconds(count) }

    public init(from decoder: any Decoder) throws { count = try decoder.singleValueContainer().decode(Int64.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }
}

/// A stream and what is in it.
public struct StreamInfo: Sendable, Hashable, Decodable {
    public struct State: Sendable, Hashable, Decodable {
        public var messages: UInt64
        public var bytes: UInt64
        public var firstSequence: UInt64
        public var lastSequence: UInt64
        public var consumers: Int

        private enum CodingKeys: String, CodingKey {
            case messages, bytes, firstSequence = "first_seq", lastSequence = "last_seq", consumers = "consumer_count"
        }
    }

    public var configuration: StreamConfiguration
    public var state: State

    private enum CodingKeys: String, CodingKey { case configuration = "config", state }
}
