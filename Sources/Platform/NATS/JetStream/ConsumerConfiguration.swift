/// How a durable pull consumer reads a stream.
public struct ConsumerConfiguration: Sendable, Hashable, Codable {
    public var durable: String
    public var filterSubject: String?
    /// When a message that was not acknowledged is delivered again.
    public var ackWait: Nanoseconds
    /// How many messages may be out at once; 1 keeps them in order.
    public var maxAckPending: Int
    /// How often a message is delivered; -1: until it is acknowledged.
    public var maxDeliver: Int
    /// How many pulls may wait.
    public var maxWaiting: Int
    public var deliverPolicy = "all"
    public var ackPolicy = "explicit"
    public var replayPolicy = "instant"
    /// 0: as many as the stream.
    public var replicas: Int?
    /// Kept in memory whatever the stream's storage is.
    public var memoryStorage: Bool?

    public init(
        durable: String, filterSubject: String? = nil, ackWait: Duration = .seconds(30), maxAckPending: Int = 1_000,
        maxDeliver: Int = -1, maxWaiting: Int = 512
    ) {
        self.durable = durable
        self.filterSubject = filterSubject
        self.ackWait = Nanoseconds(ackWait)
        self.maxAckPending = maxAckPending
        self.maxDeliver = maxDeliver
        self.maxWaiting = maxWaiting
    }

    private enum CodingKeys: String, CodingKey {
        case durable = "durable_name", filterSubject = "filter_subject", ackWait = "ack_wait", maxAckPending = "max_ack_pending"
        case maxDeliver = "max_deliver", maxWaiting = "max_waiting", deliverPolicy = "deliver_policy", ackPolicy = "ack_policy"
        case replayPolicy = "replay_policy", replicas = "num_replicas", memoryStorage = "mem_storage"
    }
}

/// A consumer and how far it has come.
public struct ConsumerInfo: Sendable, Hashable, Decodable {
    public struct Position: Sendable, Hashable, Decodable {
        public var consumer: UInt64
        public var stream: UInt64

        private enum CodingKeys: String, CodingKey { case consumer = "consumer_seq", stream = "stream_seq" }
    }

    public var stream: String
    public var name: String
    public var configuration: ConsumerConfiguration
    public var delivered: Position
    /// Up to where everything is acknowledged.
    public var acknowledged: Position
    public var outstanding: Int
    public var redelivered: Int
    /// How many messages have not been delivered yet.
    public var pending: UInt64
    public var waitingPulls: Int

    private enum CodingKeys: String, CodingKey {
        case stream = "stream_name", name, configuration = "config", delivered, acknowledged = "ack_floor"
        case outstanding = "num_ack_pending", redelivered = "num_redelivered", pending = "num_pending", waitingPulls = "num_waiting"
    }
}
