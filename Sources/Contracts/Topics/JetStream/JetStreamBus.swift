import Logging
import NATS

/// The bus between processes: topics are JetStream streams, durables are pull consumers, one for a log and otherwise one for
/// each partition.
public struct JetStreamBus: Bus {
    /// How topics are kept.
    public struct Options: Sendable {
        /// `global.jetstream.topic_prefix`.
        public var prefix: String
        /// `global.jetstream.in_memory`: nothing outlives the servers.
        public var inMemory: Bool
        /// On how many servers of the cluster each stream is.
        public var replicas: Int

        public init(prefix: String = "Dendrite", inMemory: Bool = false, replicas: Int = 1) {
            self.prefix = prefix
            self.inMemory = inMemory
            self.replicas = replicas
        }
    }

    let client: NATSClient
    let jetStream: JetStream
    let options: Options
    let logger: Logger
    let streams: StreamKeeper

    /// `options.prefix` must be a token of a subject. Nothing is told or heard before ``start(streams:durables:)``.
    public init(client: NATSClient, options: Options = Options(), logger: Logger) throws {
        guard Subject.isToken(options.prefix), options.prefix.utf8.allSatisfy({ $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw NATSError.invalidSubject(options.prefix)
        }
        self.client = client
        self.options = options
        self.logger = logger
        jetStream = JetStream(client)
        streams = StreamKeeper(jetStream: jetStream, options: options, logger: logger)
    }

    /// Makes every stream that is missing with all its durables, as any number of processes may at once. Waits for NATS.
    ///
    /// Call it once, before anything is published or consumed. The streams are made again whenever they are found missing.
    public func start(streams specs: [StreamSpec] = StreamSpec.all, durables: [Durable] = Durable.all) async throws {
        try await client.ready()
        streams.set(specs, durables)
        try await beSureOfStreams(giveUp: nil)
    }

    /// Within which servers that restart are back; who publishes, a client at last, is not left waiting for longer.
    private static let restart = Duration.seconds(5)

    /// Makes sure of the streams, through restarts of the servers.
    private func beSureOfStreams(giveUp: ContinuousClock.Instant?) async throws {
        var failures = 0
        while true {
            do {
                return try await streams.ensure(on: client.connectionNumber)
            } catch let error where StreamKeeper.mayPass(error) && giveUp.map({ .now < $0 }) ?? true {
                failures += 1
                logger.warning("JetStream is not ready", metadata: ["error": "\(error)"])
                try await Task.sleep(for: Redelivery.delay(failures: failures))
            }
        }
    }

    public func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {
        try await publish([Outgoing(bytes: bytes, topic: topic, key: key, id: id, seq: seq, requestID: requestID)])
    }

    /// One behind the other on one connection. Should one be refused and the next be taken, the listener's cursor sees it.
    public func publish(_ messages: [Outgoing]) async throws {
        for message in messages {
            guard message.bytes.count <= StreamSpec.maxPayload else { throw BusError.tooLarge(bytes: message.bytes.count) }
            guard streams.knows(topic: message.topic) else { throw BusError.unknownTopic(message.topic) }
        }
        let publications = messages.map(publication)
        do {
            try await beSureOfStreams(giveUp: .now + Self.restart)
            let generation = streams.generation
            do {
                try await jetStream.publish(publications)
            } catch NATSError.noResponders {
                try await streams.ensure(after: generation)
                try await jetStream.publish(publications)
            }
        } catch let error as JetStreamError where error.isFull {
            throw BusError.full(topic: messages.first?.topic ?? "")
        } catch let error where error is NATSError || error is JetStreamError {
            throw BusError.unavailable("\(error)")
        }
    }

    private func publication(_ message: Outgoing) -> Publication {
        var headers: Headers = ["Key": Wire.header(message.key)]
        if let seq = message.seq { headers.append("Seq", String(seq)) }
        if let requestID = message.requestID { headers.append("Request-Id", Wire.header(requestID)) }
        return Publication(
            payload: message.bytes,
            subject: "\(options.prefix)\(message.topic).\(Partition.of(message.key)).\(Wire.token(message.key))",
            headers: headers, messageID: Wire.header(message.id))
    }

    public func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {
        try check(durable, of: topic)
        if streams.isLog(topic) {
            return try await consume(bytesOf: topic, as: durable, upTo: 1) { for delivered in $0 { try await handle(delivered) } }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for partition in 0..<Partition.count {
                let reader = PartitionReader(
                    bus: self, stream: options.prefix + topic, consumer: StreamKeeper.consumer(of: durable, partition), handle: handle)
                group.addTask { try await reader.run() }
            }
            try await group.waitForAll()
        }
    }

    public func consume(
        bytesOf topic: String, as durable: Durable, upTo limit: Int,
        handle: @escaping @Sendable ([Delivered<[UInt8]>]) async throws -> Void
    ) async throws {
        try check(durable, of: topic)
        guard streams.isLog(topic) else {
            return try await consume(bytesOf: topic, as: durable) { try await handle([$0]) }
        }
        // Takes away what an older process may have made again after this one began.
        try? await streams.ensure(after: streams.generation)
        try await LogReader(
            bus: self, stream: options.prefix + topic, consumer: durable.name, limit: max(limit, 1), patience: durable.patience,
            handle: handle
        ).run()
    }

    private func check(_ durable: Durable, of topic: String) throws {
        guard streams.knows(topic: topic) else { throw BusError.unknownTopic(topic) }
        guard streams.knows(durable), durable.topic == topic else { throw BusError.unknownDurable(durable.name) }
    }

    // MARK: Signals

    public func signal(_ subject: String, _ bytes: [UInt8]) async {
        do {
            try client.publish(bytes, to: signalSubject(subject))
        } catch {
            logger.debug("a signal is lost", metadata: ["subject": "\(subject)", "error": "\(error)"])
        }
    }

    public func signals(_ subject: String) -> AsyncStream<[UInt8]> {
        let bounds = Subscription.Bounds(messages: 1_024, bytes: 4 << 20, full: .dropOldest)
        guard let subscription = try? client.subscribe(signalSubject(subject), bounds: bounds) else {
            return AsyncStream { $0.finish() }
        }
        let listening = Listening(client: client, subscription: subscription)
        return AsyncStream { await listening.next() } onCancel: { listening.end() }
    }

    public var reconnections: AsyncStream<Void> { client.reconnections() }

    private func signalSubject(_ subject: String) -> String { "\(options.prefix)Signal.\(Wire.token(subject))" }
}

/// A subscription that ends with whoever reads it.
private final class Listening: Sendable {
    private let client: NATSClient
    private let subscription: Subscription

    init(client: NATSClient, subscription: Subscription) {
        self.client = client
        self.subscription = subscription
    }

    deinit { end() }

    func next() async -> [UInt8]? {
        while true {
            guard let wake = try? await subscription.next() else { return nil }
            switch wake {
            case .message(let message): return message.payload
            case .closed: return nil
            case .reconnected, .timedOut: continue
            }
        }
    }

    func end() { client.unsubscribe(subscription) }
}
