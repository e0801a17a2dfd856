import Synchronization

/// Messages that end with the process.
final class MemoryMessageStore: MessageStore {
    private struct State {
        var last: Int64 = 0
        /// By topic, in order.
        var messages: [String: [StoredMessage]] = [:]
    }

    private let state = Mutex(State())

    func open(_ topics: [String]) async throws -> StoreContents { StoreContents() }

    func write(_ batch: StoreBatch) async throws -> StoreResult {
        state.withLock { state in
            var result = StoreResult()
            func drop(from topic: String, where isGone: (StoredMessage) -> Bool) {
                state.messages[topic]?.removeAll { stored in
                    guard isGone(stored) else { return false }
                    result.freed[topic, default: 0] += stored.message.size
                    return true
                }
            }
            for purge in batch.purges {
                drop(from: purge.topic) { $0.message.partition == purge.partition && $0.offset <= purge.through }
            }
            for (topic, before) in batch.expiries { drop(from: topic) { $0.message.created < before } }
            for (topic, bytes) in batch.evictions {
                var left = bytes
                drop(from: topic) { stored in
                    defer { left -= stored.message.size }
                    return left > 0
                }
            }
            for message in batch.appends {
                state.last += 1
                state.messages[message.topic, default: []].append(StoredMessage(offset: state.last, message: message))
                result.offsets.append(state.last)
            }
            return result
        }
    }

    func read(topic: String, partition: Int, after offset: Int64, limit: Int) async throws -> [StoredMessage] {
        state.withLock { state in
            Array((state.messages[topic] ?? []).lazy.filter { $0.offset > offset && $0.message.partition == partition }.prefix(limit))
        }
    }

    func close() async {}
}
