import Foundation
import Logging
import Synchronization

/// The bus within one process: the same contract as ``JetStreamBus``, kept in an SQLite file or in memory.
///
/// Publishers that come at the same time share a transaction. Consumers are woken, and read the file only when they are
/// behind. Acknowledgements are written a little later, together: losing one means only that its message comes again.
public final class EmbeddedBus: Bus {
    let state: Mutex<BusState>
    let file: (any MessageStore)?
    let memory = MemoryMessageStore()
    private let hub = SignalHub()
    private let logger: Logger

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
        try await write(message)
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    public func signal(_ subject: String, _ bytes: [UInt8]) async { hub.signal(subject, bytes) }
    public func signals(_ subject: String) -> AsyncStream<[UInt8]> { hub.signals(subject) }

    /// Never: there is no connection to lose.
    public var reconnections: AsyncStream<Void> { AsyncStream { _ in } }

    // MARK: Consuming

    public func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {
        try state.withLock { state in
            guard state.topics[topic] != nil else { throw BusError.unknownTopic(topic) }
            guard durable.topic == topic, state.durables[topic]?.contains(durable.name) ?? false else {
                throw BusError.unknownDurable(durable.name)
            }
        }
        let (acknowledgements, nudge) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for partition in 0..<Partition.count {
                    let reader = Reader(topic: topic, durable: durable.name, partition: partition)
                    group.addTask { try await self.read(reader, handle) { nudge.yield() } }
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
        _ reader: Reader, _ handle: @Sendable (Delivered<[UInt8]>) async throws -> Void, _ acknowledged: () -> Void
    ) async throws {
        while true {
            try await turn(of: reader)
            do {
                defer { release(reader) }
                guard let stored = try await first(of: reader) else { continue }
                try await hand(stored, to: handle, as: reader)
                state.withLock { $0.acknowledge(reader, stored.offset) }
                acknowledged()
            } catch let error where !(error is CancellationError) && !Task.isCancelled {
                logger.warning("reading a topic again", metadata: ["durable": "\(reader.durable)", "error": "\(error)"])
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Hands a message over, again and again, until it is taken.
    private func hand(
        _ stored: StoredMessage, to handle: @Sendable (Delivered<[UInt8]>) async throws -> Void, as reader: Reader
    ) async throws {
        let message = stored.message
        var failures = 0
        while true {
            do {
                return try await handle(Delivered(
                    message: message.bytes, key: message.key, seq: message.seq, id: message.id, requestID: message.requestID,
                    redeliveries: failures))
            } catch {
                if error is CancellationError || Task.isCancelled { throw CancellationError() }
                failures += 1
                let delay = Redelivery.delay(failures: failures)
                logger.warning("a message will come again", metadata: [
                    "durable": "\(reader.durable)", "key": "\(message.key)", "delay": "\(delay)", "error": "\(error)",
                    "request": "\(message.requestID ?? "-")",
                ])
                try await Task.sleep(for: delay)
            }
        }
    }

    /// The next message of a reader whose turn it is, from the buffer or the store; nil when there is none after all.
    private func first(of reader: Reader) async throws -> StoredMessage? {
        let (buffered, from, head) = state.withLock { state in
            let queue = state.queues[reader]
            return (queue?.buffer.first, queue?.readFrom ?? 0, queue?.head ?? 0)
        }
        if let buffered { return buffered }
        let limit = ReaderQueue.batch
        let messages = try await store(of: reader.topic).read(
            topic: reader.topic, partition: reader.partition, after: from, limit: limit)
        return state.withLock { state in
            state.queues[reader]?.fill(messages, limit: limit, whenHeadWas: head)
            return state.queues[reader]?.buffer.first
        }
    }

    func store(of topic: String) -> any MessageStore {
        guard let file, state.withLock({ $0.isInFile(topic) }) else { return memory }
        return file
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
