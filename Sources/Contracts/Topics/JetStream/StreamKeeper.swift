import Logging
import NATS

/// Sees to it that streams exist with all their durables, and makes them again should the servers have lost them.
actor StreamKeeper {
    private let jetStream: JetStream
    private let options: JetStreamBus.Options
    private let logger: Logger
    private var specs: [String: StreamSpec] = [:]
    private var durables: Set<Durable> = []
    private var running: Task<Void, any Error>?
    /// How often the streams were made sure of.
    private(set) var generation = 0
    /// The last connection on which the streams were made sure of.
    private var surelyThere = -1

    init(jetStream: JetStream, options: JetStreamBus.Options, logger: Logger) {
        self.jetStream = jetStream
        self.options = options
        self.logger = logger
    }

    func set(_ specs: [StreamSpec], _ durables: [Durable]) {
        self.specs = Dictionary(specs.map { ($0.name, $0) }) { $1 }
        self.durables = Set(durables)
    }

    func knows(topic: String) -> Bool { specs[topic] != nil }
    func knows(_ durable: Durable) -> Bool { durables.contains { $0.name == durable.name && $0.topic == durable.topic } }

    static func consumer(of durable: Durable, _ partition: Int) -> String { "\(durable.name)-p\(partition)" }

    /// Whether to ask again: servers that are starting, or have no leader yet.
    static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case NATSError.timeout, NATSError.disconnected, NATSError.noResponders: true
        case let error as JetStreamError: error.isTemporary || error.kind == .noSuitablePeers
        default: false
        }
    }

    /// Makes sure of the streams once a connection: servers that come back may have lost them, and what is published to a
    /// stream whose durables are still being made again would be dropped without a word.
    func ensure(on connection: Int) async throws {
        guard connection > surelyThere else { return }
        // What is under way may have begun on the connection before.
        if let running { _ = try? await running.value }
        guard connection > surelyThere else { return }
        try await ensure(after: generation)
        surelyThere = max(surelyThere, connection)
    }

    /// Makes what is missing, once for all who found it missing at the same time.
    func ensure(after seen: Int) async throws {
        guard generation <= seen else { return }
        if let running { return try await running.value }
        let task = Task { try await makeAll() }
        running = task
        defer { running = nil }
        try await task.value
        generation += 1
    }

    private func makeAll() async throws {
        for spec in specs.values {
            let stream = configuration(spec)
            try await make(stream)
            let present = Set(try await jetStream.consumerNames(on: stream.name))
            let missing = durables.filter { $0.topic == spec.name }.flatMap { durable in
                (0..<Partition.count).map { consumer(durable, $0, on: stream.name) }
            }.filter { !present.contains($0.durable) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for consumer in missing {
                    group.addTask { [jetStream] in try await jetStream.create(consumer, on: stream.name) }
                }
                try await group.waitForAll()
            }
        }
    }

    private func make(_ wanted: StreamConfiguration) async throws {
        guard let found = try await jetStream.stream(wanted.name)?.configuration else {
            try await jetStream.create(wanted)
            logger.info("made a stream", metadata: ["stream": "\(wanted.name)"])
            return
        }
        guard found.retention == wanted.retention, found.storage == wanted.storage else {
            throw BusError.wrongStream(wanted.name, "kept as \(found.retention.rawValue) in \(found.storage.rawValue)")
        }
        var changed = found
        changed.subjects = wanted.subjects
        changed.maxBytes = wanted.maxBytes
        changed.maxAge = wanted.maxAge
        changed.discard = wanted.discard
        changed.duplicateWindow = wanted.duplicateWindow
        if changed != found { try await jetStream.update(changed) }
    }

    private func configuration(_ spec: StreamSpec) -> StreamConfiguration {
        StreamConfiguration(
            name: options.prefix + spec.name, subjects: ["\(options.prefix)\(spec.name).>"],
            retention: spec.retention.inJetStream, storage: options.inMemory || spec.storage == .memory ? .memory : .file,
            discard: spec.discard == .new ? .new : .old, maxBytes: spec.maxBytes, maxAge: spec.maxAge ?? .zero,
            replicas: options.replicas)
    }

    private func consumer(_ durable: Durable, _ partition: Int, on stream: String) -> ConsumerConfiguration {
        ConsumerConfiguration(
            durable: Self.consumer(of: durable, partition), filterSubject: "\(stream).\(partition).>",
            ackWait: PartitionReader.ackWait, maxAckPending: 1)
    }
}

extension StreamSpec.Retention {
    fileprivate var inJetStream: StreamConfiguration.Retention {
        switch self {
        case .workQueue: .workQueue
        case .interest: .interest
        case .limits: .limits
        }
    }
}
