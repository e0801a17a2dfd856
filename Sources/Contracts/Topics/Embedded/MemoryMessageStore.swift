import Synchronization

/// Messages that end with the process.
final class MemoryMessageStore: Sendable {
    private struct Place: Hashable {
        var topic: String
        var partition: Int
    }

    /// Messages in order, taken away from the front.
    private struct Line {
        private var messages: [StoredMessage] = []
        private var head = 0

        var first: StoredMessage? { head < messages.count ? messages[head] : nil }

        mutating func append(_ message: StoredMessage) { messages.append(message) }

        mutating func removeFirst() {
            head += 1
            guard head >= 64, head * 2 >= messages.count else { return }
            messages.removeFirst(head)
            head = 0
        }

        func after(_ offset: Int64, limit: Int) -> [StoredMessage] {
            var low = head, high = messages.count
            while low < high {
                let middle = (low + high) / 2
                if messages[middle].offset > offset { high = middle } else { low = middle + 1 }
            }
            return Array(messages[low..<min(low + limit, messages.count)])
        }
    }

    private struct State {
        var last: Int64 = 0
        var lines: [Place: Line] = [:]

        /// Takes from the front of a line for as long as that is to go; returns how many bytes those were.
        mutating func drop(_ place: Place, while isGone: (StoredMessage) -> Bool) -> Int64 {
            var bytes: Int64 = 0
            while let first = lines[place]?.first, isGone(first) {
                bytes += first.message.size
                lines[place]?.removeFirst()
            }
            return bytes
        }

        func places(of topic: String) -> [Place] { lines.keys.filter { $0.topic == topic } }

        mutating func evict(_ bytes: Int64, from topic: String) -> Int64 {
            let places = places(of: topic)
            var freed: Int64 = 0
            while freed < bytes {
                let fronts = places.compactMap { place in lines[place]?.first.map { (place: place, message: $0) } }
                guard let oldest = fronts.min(by: { $0.message.offset < $1.message.offset }) else { break }
                lines[oldest.place]?.removeFirst()
                freed += oldest.message.message.size
            }
            return freed
        }
    }

    private let state = Mutex(State())

    func write(_ batch: StoreBatch) -> StoreResult {
        state.withLock { state in
            var result = StoreResult()
            for (topic, before) in batch.expiries {
                for place in state.places(of: topic) {
                    result.freed[topic, default: 0] += state.drop(place) { $0.message.created < before }
                }
            }
            for (topic, bytes) in batch.evictions { result.freed[topic, default: 0] += state.evict(bytes, from: topic) }
            for message in batch.appends {
                state.last += 1
                let place = Place(topic: message.topic, partition: message.partition)
                state.lines[place, default: Line()].append(StoredMessage(offset: state.last, message: message))
                result.offsets.append(state.last)
            }
            return result
        }
    }

    /// Returns how many bytes are gone.
    func purge(_ purge: StoreBatch.Purge) -> Int64 {
        state.withLock { state in
            state.drop(Place(topic: purge.topic, partition: purge.partition)) { $0.offset <= purge.through }
        }
    }

    func read(topic: String, partition: Int, after offset: Int64, limit: Int) -> [StoredMessage] {
        state.withLock { $0.lines[Place(topic: topic, partition: partition)]?.after(offset, limit: limit) ?? [] }
    }
}
