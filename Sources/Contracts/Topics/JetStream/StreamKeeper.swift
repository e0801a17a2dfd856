import Logging
import NATS
import Synchronization

/// Sees to it that streams exist with all their durables, and makes them again should the servers have lost them.
final class StreamKeeper: Sendable {
    private struct State {
        var specs: [String: StreamSpec] = [:]
        var durables: Set<Durable> = []
        var running: Task<Void, any Error>?
        /// How often the streams were made sure of.
        var generation = 0
        /// The last connection on which the streams were made sure of.
        var surelyThere = -1
    }

    private let jetStream: JetStream
    private let options: JetStreamBus.Options
    private let logger: Logger
    private let state = Mutex(State())

    init(jetStream: JetStream, options: JetStreamBus.Options, logger: Logger) {
        self.jetStream = jetStream
        self.options = options
        self.logger = logger
    }

    func set(_ specs: [StreamSpec], _ durables: [Durable]) {
        state.withLock { state in
            state.specs = Dictionary(specs.map { ($0.name, $0) }) { $1 }
            state.durables = Set(durables)
        }
    }

    var generation: Int { state.withLock { $0.generation } }
    func knows(topic: String) -> Bool { state.withLock { $0.specs[topic] != nil } }
    func isLog(_ topic: String) -> Bool { state.withLock { $0.specs[topic]?.isLog ?? false } }
    func knows(_ durable: Durable) -> Bool {
        state.withLock { $0.durables.contains { $0.name == durable.name && $0.topic == durable.topic } }
    }

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
        let (isSure, running) = state.withLock { ($0.surelyThere >= connection, $0.running) }
        guard !isSure else { return }
        // What is under way may have begun on the connection before.
        if let running { _ = try? await running.value }
        guard state.withLock({ $0.surelyThere < connection }) else { return }
        try await ensure(after: generation)
        state.withLock { $0.surelyThere = max($0.surelyThere, connection) }
    }

    /// Makes what is missing, once for all who found it missing at the same time.
    func ensure(after seen: Int) async throws {
        let making = state.withLock { state -> Task<Void, any Error>? in
            guard state.generation <= seen else { return nil }
            if let running = state.running { return running }
            let (specs, durables) = (state.specs, state.durables)
            let task = Task {
                let result: Result<Void, any Error>
                do { result = .success(try await makeAll(specs, durables)) } catch { result = .failure(error) }
                self.state.withLock { state in
                    state.running = nil
                    if case .success = result { state.generation += 1 }
                }
                try result.get()
            }
            state.running = task
            return task
        }
        try await making?.value
    }

    private func makeAll(_ specs: [String: StreamSpec], _ durables: Set<Durable>) async throws {
        for spec in specs.values {
            let stream = configuration(spec)
            try await make(stream)
            let present = Set(try await jetStream.consumerNames(on: stream.name))
            let durables = durables.filter { $0.topic == spec.name }
            let wanted = durables.flatMap { consumers($0, of: spec, on: stream.name) }
            // What an earlier release read this durable by: the stream would keep everything for it.
            let outlived = durables.flatMap { durable in
                [durable.name] + (0..<Partition.count).map { Self.consumer(of: durable, $0) }
            }.filter { name in present.contains(name) && !wanted.contains { $0.durable == name } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for consumer in wanted where !present.contains(consumer.durable) {
                    group.addTask { [jetStream] in try await jetStream.create(consumer, on: stream.name) }
                }
                for name in outlived {
                    group.addTask { await self.forget(name, on: stream.name) }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Deletes what nobody of this release reads. Beside an earlier release, which makes it again, that may fail, and hinders
    /// nothing: it is tried again the next time.
    private func forget(_ consumer: String, on stream: String) async {
        do { _ = try await jetStream.deleteConsumer(consumer, on: stream) } catch {
            logger.info("a consumer is still there", metadata: ["consumer": "\(consumer)", "error": "\(error)"])
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

    /// A log's listener sees by its cursor what came out of order: one consumer, with much under way. Otherwise it is one
    /// consumer a partition, with one message under way.
    private func consumers(_ durable: Durable, of spec: StreamSpec, on stream: String) -> [ConsumerConfiguration] {
        guard !spec.isLog else {
            return [ConsumerConfiguration(durable: durable.name, ackWait: JetStreamBus.ackWait, maxAckPending: 1_024)]
        }
        return (0..<Partition.count).map { partition in
            ConsumerConfiguration(
                durable: Self.consumer(of: durable, partition), filterSubject: "\(stream).\(partition).>",
                ackWait: JetStreamBus.ackWait, maxAckPending: 1)
        }
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
