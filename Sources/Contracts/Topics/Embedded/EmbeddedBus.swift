import Foundation
import Logging
import Synchronization

/// The bus within one process: the same contract as ``JetStreamBus``, kept in an SQLite file or in memory.
///
/// Topics that are the log of an outbox are in memory in any case: their listeners compare heads when the process begins.
/// For the others, publishers that come at the same time share a transaction. Consumers are woken, and read the file only when they are
/// behind. Acknowledgements are written a little later, together: losing one means only that its message comes again.
public final class EmbeddedBus: Bus {
    let state: Mutex<BusState>
    let file: (any MessageStore)?
    let memory = MemoryMessageStore()
    private let hub = SignalHub<[UInt8]>(limit: 1_024)
    /// Something was dropped.
    let losses = SignalHub<Void>(limit: 1)
    private let logger: Logger
    private let began = ContinuousClock.now

    /// Opens the bus below `storagePath`; nil: nothing outlives the process.
    public init(
        storagePath: String?, streams: [StreamSpec] = StreamSpec.all, durables: [Durable] = Durable.all, logger: Logger
    ) async throws {
        self.logger = logger
        if let storagePath {
            try FileManager.default.createDirectory(atPath: storagePath, withIntermediateDirectories: true)
            file = try await SQLiteMessageStore(path: URL(filePath: storagePath).appending(path: "jetstream.db").path)
        } else {
            file = nil
        }
        let contents = try await file?.open(streams.map(\.name)) ?? StoreContents()
        state = Mutex(BusState(streams: streams, durables: durables, contents: contents, keepsFiles: file != nil))
    }

    /// Writes what is not yet written and closes the file.
    public func close() async {
        do {
            try await flush()
        } catch {
            logger.error("acknowledgements are lost", metadata: ["error": "\(error)"])
        }
        await file?.close()
    }

    public func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {
        guard bytes.count <= StreamSpec.maxPayload else { throw BusError.tooLarge(bytes: bytes.count) }
        let message = NewMessage(
            topic: topic, partition: Partition.of(key), key: key, id: id, seq: seq, requestID: requestID, bytes: bytes,
            created: Self.now)
        try await keep([message])
    }

    public func publish(_ messages: [Outgoing]) async throws {
        let now = Self.now
        try await keep(
            messages.map { message in
                guard message.bytes.count <= StreamSpec.maxPayload else { throw BusError.tooLarge(bytes: message.bytes.count) }
                return NewMessage(
                    topic: message.topic, partition: Partition.of(message.key), key: message.key, id: message.id, seq: message.seq,
                    requestID: message.requestID, bytes: message.bytes, created: now)
            })
    }

    private func keep(_ messages: [NewMessage]) async throws {
        let inFile = state.withLock { state in messages.map { state.isInFile($0.topic) } }
        guard inFile.contains(true) else { return try keepInMemory(messages) }
        for (message, isInFile) in zip(messages, inFile) { isInFile ? try await write(message) : try keepInMemory([message]) }
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    public func signal(_ subject: String, _ bytes: [UInt8]) async { hub.signal(subject, bytes) }
    public func signals(_ subject: String) -> AsyncStream<[UInt8]> { hub.signals(subject) }

    /// There is no connection to lose; but what was too much for the memory is missed by whoever is slow.
    public var reconnections: AsyncStream<Void> { losses.signals("") }

    // MARK: Consuming

    public func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {
        try await consume(bytesOf: topic, as: durable, upTo: 1) { for message in $0 { try await handle(message) } }
    }

    public func consume(
        bytesOf topic: String, as durable: Durable, upTo limit: Int,
        handle: @escaping @Sendable ([Delivered<[UInt8]>]) async throws -> Void
    ) async throws {
        try state.withLock { state in
            guard state.topics[topic] != nil else { throw BusError.unknownTopic(topic) }
            guard durable.topic == topic, state.durables[topic]?.contains(durable.name) ?? false else {
                throw BusError.unknownDurable(durable.name)
            }
        }
        let patience = limit > 1 ? durable.patience : .zero
        let (acknowledgements, nudge) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for partition in 0..<Partition.count {
                    let reader = Reader(topic: topic, durable: durable.name, partition: partition)
                    group.addTask { try await self.read(reader, limit, patience, handle) { nudge.yield() } }
                }
                group.addTask {
                    for await _ in acknowledgements {
                        try await Task.sleep(for: .milliseconds(50))
                        try await self.flushLater()
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            try? await flush()
            throw error
        }
    }

    /// A failure to write acknowledgements is only a delay: they stay, and the next write takes them along.
    private func flushLater() async throws {
        do {
            try await flush()
        } catch {
            logger.warning("acknowledgements wait", metadata: ["error": "\(error)"])
        }
    }

    private func read(
        _ reader: Reader, _ limit: Int, _ patience: Duration,
        _ handle: @Sendable ([Delivered<[UInt8]>]) async throws -> Void, _ acknowledged: () -> Void
    ) async throws {
        while true {
            try await turn(of: reader)
            do {
                defer { release(reader) }
                try await gather(limit, as: reader, for: patience)
                let messages = try await first(limit, of: reader)
                guard let last = messages.last else { continue }
                try await hand(messages.map(\.message), to: handle, as: reader)
                acknowledge(last.offset, as: reader)
                acknowledged()
            } catch let error where !(error is CancellationError) && !Task.isCancelled {
                logger.warning("reading a topic again", metadata: ["durable": "\(reader.durable)", "error": "\(error)"])
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Waits until there is enough, or the time is over: at the same moment in every partition, so that what they hand over can
    /// be taken together.
    private func gather(_ limit: Int, as reader: Reader, for patience: Duration) async throws {
        guard patience > .zero, state.withLock({ !($0.queues[reader]?.holds(limit) ?? true) }) else { return }
        let passed = began.duration(to: .now) / patience
        try await Task.sleep(until: began + patience * (passed + 1).rounded(.down), clock: .continuous)
    }

    private func acknowledge(_ offset: Int64, as reader: Reader) {
        state.withLock { state in
            guard let purge = state.acknowledge(reader, offset) else { return }
            state.topics[purge.topic]?.bytes -= memory.purge(purge)
        }
    }

    /// Hands messages over, again and again, until they are taken.
    private func hand(
        _ messages: [NewMessage], to handle: @Sendable ([Delivered<[UInt8]>]) async throws -> Void, as reader: Reader
    ) async throws {
        var failures = 0
        while true {
            do {
                return try await handle(
                    messages.map { message in
                        Delivered(
                            message: message.bytes, key: message.key, seq: message.seq, id: message.id,
                            requestID: message.requestID, redeliveries: failures)
                    })
            } catch {
                if error is CancellationError || Task.isCancelled { throw CancellationError() }
                failures += 1
                let delay = Redelivery.delay(failures: failures)
                let first = messages.first
                logger.warning("a message will come again", metadata: [
                    "durable": "\(reader.durable)", "key": "\(first?.key ?? "-")", "delay": "\(delay)", "error": "\(error)",
                    "request": "\(first?.requestID ?? "-")",
                ])
                try await Task.sleep(for: delay)
            }
        }
    }

    /// The next messages of a reader whose turn it is, from the buffer or the store; none when there are none after all.
    private func first(_ count: Int, of reader: Reader) async throws -> ArraySlice<StoredMessage> {
        let (buffered, from, head, isInFile) = state.withLock { state in
            let queue = state.queues[reader]
            return (queue?.buffer.prefix(count) ?? [], queue?.readFrom ?? 0, queue?.head ?? 0, state.isInFile(reader.topic))
        }
        if !buffered.isEmpty { return buffered }
        let limit = ReaderQueue.batch
        let messages: [StoredMessage] =
            if let file, isInFile {
                try await file.read(topic: reader.topic, partition: reader.partition, after: from, limit: limit)
            } else {
                memory.read(topic: reader.topic, partition: reader.partition, after: from, limit: limit)
            }
        return state.withLock { state in
            state.queues[reader]?.fill(messages, limit: limit, whenHeadWas: head)
            return state.queues[reader]?.buffer.prefix(count) ?? []
        }
    }

    // MARK: Turns

    /// Waits until the reader has something to read and nobody else reads it, and takes the turn.
    private func turn(of reader: Reader) async throws {
        let id = state.withLock { $0.newID() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.take(reader) { return .success(()) }
                    state.waiters[reader, default: []].append((id, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.removeWaiter(id, of: reader) }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func release(_ reader: Reader) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.queues[reader]?.isTaken = false
            return state.wake(reader)
        }
        waiter?.resume()
    }
}
