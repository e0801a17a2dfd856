extension StreamSpec {
    /// How much of it the built-in bus holds. A log is there only for those who keep up: the others ask its owner.
    fileprivate var heldBytes: Int64 { isLog ? min(maxBytes, 32 << 20) : maxBytes }
}

/// All that an ``EmbeddedBus`` knows in memory, guarded as a whole.
struct BusState {
    struct TopicState {
        var spec: StreamSpec
        var isInFile: Bool
        var bytes: Int64
        var recent = RecentIDs()
        var lastExpiry: Int64 = 0
    }

    /// What a publisher is told after waiting.
    enum Turn: Sendable {
        /// Somebody wrote for us.
        case done(Result<Void, any Error>)
        /// Our turn to write, for all who wait.
        case lead
    }

    struct Request {
        var id: UInt64
        /// Nil: only acknowledgements are to be written.
        var message: NewMessage?
        var continuation: CheckedContinuation<Turn, Never>?
    }

    var topics: [String: TopicState] = [:]
    var durables: [String: [String]] = [:]
    var queues: [Reader: ReaderQueue] = [:]
    var waiters: [Reader: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)]] = [:]
    /// What publishers and acknowledgers want written.
    var requests: [Request] = []
    var isWriting = false
    /// Readers whose acknowledgements are not written yet.
    var unwritten: Set<Reader> = []
    private var nextID: UInt64 = 0

    init(streams: [StreamSpec], durables: [Durable], contents: StoreContents, keepsFiles: Bool) {
        for spec in streams {
            let isInFile = keepsFiles && spec.storage == .file && !spec.isLog
            topics[spec.name] = TopicState(spec: spec, isInFile: isInFile, bytes: isInFile ? contents.bytes[spec.name] ?? 0 : 0)
        }
        for durable in durables where topics[durable.topic] != nil {
            self.durables[durable.topic, default: []].append(durable.name)
            for partition in 0..<Partition.count {
                let reader = Reader(topic: durable.topic, durable: durable.name, partition: partition)
                queues[reader] = ReaderQueue(acknowledged: isInFile(durable.topic) ? contents.acknowledged[reader] ?? 0 : 0)
            }
        }
    }

    mutating func newID() -> UInt64 {
        nextID += 1
        return nextID
    }

    func isInFile(_ topic: String) -> Bool { topics[topic]?.isInFile ?? false }

    mutating func take(_ reader: Reader) -> Bool {
        guard queues[reader]?.hasWork ?? false else { return false }
        queues[reader]?.isTaken = true
        return true
    }

    /// Gives the turn to somebody who waits for it, if there is work.
    mutating func wake(_ reader: Reader) -> CheckedContinuation<Void, any Error>? {
        guard !(waiters[reader]?.isEmpty ?? true), take(reader) else { return nil }
        return waiters[reader]?.removeFirst().continuation
    }

    mutating func removeWaiter(_ id: UInt64, of reader: Reader) -> CheckedContinuation<Void, any Error>? {
        guard let index = waiters[reader]?.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters[reader]?.remove(at: index).continuation
    }

    /// Returns what every durable is done with now, in a topic that is kept in memory.
    mutating func acknowledge(_ reader: Reader, _ offset: Int64) -> StoreBatch.Purge? {
        queues[reader]?.acknowledge(offset)
        guard isInFile(reader.topic) else { return purge(reader.topic, reader.partition) }
        unwritten.insert(reader)
        return nil
    }

    /// What every durable of a topic is done with.
    private func purge(_ topic: String, _ partition: Int) -> StoreBatch.Purge? {
        guard topics[topic].map({ $0.spec.retention != .limits }) ?? false else { return nil }
        let through = (durables[topic] ?? []).map { durable in
            queues[Reader(topic: topic, durable: durable, partition: partition)]?.acknowledged ?? 0
        }.min() ?? 0
        return through > 0 ? StoreBatch.Purge(topic: topic, partition: partition, through: through) : nil
    }

    // MARK: Writing

    /// Takes the acknowledgements that are to be written, and what every durable is done with.
    mutating func takeAcknowledgements() -> (acknowledged: [Reader: Int64], purges: [StoreBatch.Purge]) {
        var acknowledged: [Reader: Int64] = [:], purges: [StoreBatch.Purge] = []
        for reader in unwritten { acknowledged[reader] = queues[reader]?.acknowledged }
        for place in Set(unwritten.map { Reader(topic: $0.topic, durable: "", partition: $0.partition) }) {
            if let purge = purge(place.topic, place.partition) { purges.append(purge) }
        }
        unwritten = []
        return (acknowledged, purges)
    }

    /// Whether a message is to be appended; false when it need not be, because it is known or nobody listens.
    ///
    /// `evictions` grows by what must go first.
    mutating func admit(_ message: NewMessage, evictions: inout [String: Int64]) throws -> Bool {
        guard let spec = topics[message.topic]?.spec, let bytes = topics[message.topic]?.bytes else {
            throw BusError.unknownTopic(message.topic)
        }
        // Whoever follows a log knows by the numbers.
        if !spec.isLog, topics[message.topic]?.recent.contains(message.id) ?? false { return false }
        if spec.retention == .interest, durables[message.topic]?.isEmpty ?? true { return false }
        let size = message.size, excess = bytes + size - spec.heldBytes - (evictions[message.topic] ?? 0)
        if excess > 0 {
            guard spec.isLog || spec.discard == .old, size <= spec.heldBytes else { throw BusError.full(topic: message.topic) }
            evictions[message.topic, default: 0] += excess
        }
        // In place: a copy of the topic would be a copy of all its IDs.
        topics[message.topic]?.bytes += size
        if !spec.isLog { topics[message.topic]?.recent.insert(message.id, at: message.created) }
        return true
    }

    /// Takes back what ``admit(_:evictions:)`` counted, after a write that failed.
    mutating func withdraw(_ message: NewMessage) {
        topics[message.topic]?.bytes -= message.size
        topics[message.topic]?.recent.remove(message.id)
    }

    /// Topics whose oldest may be too old by now, each looked at every few seconds.
    mutating func takeExpiries(inFile: Bool, now: Int64) -> [String: Int64] {
        var expiries: [String: Int64] = [:]
        for (name, topic) in topics where topic.isInFile == inFile {
            guard let maxAge = topic.spec.maxAge, abs(now - topic.lastExpiry) >= 5_000 else { continue }
            topics[name]?.lastExpiry = now
            expiries[name] = now - maxAge.components.seconds * 1_000
        }
        return expiries
    }

    /// Puts what was written before its readers; returns those to wake.
    mutating func distribute(_ stored: [StoredMessage]) -> [CheckedContinuation<Void, any Error>] {
        var woken: [CheckedContinuation<Void, any Error>] = []
        for message in stored {
            for durable in durables[message.message.topic] ?? [] {
                let reader = Reader(topic: message.message.topic, durable: durable, partition: message.message.partition)
                queues[reader]?.append(message)
                if let waiter = wake(reader) { woken.append(waiter) }
            }
        }
        return woken
    }
}
