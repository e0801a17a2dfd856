import Synchronization
import Topics

/// A bus that keeps what it is given, for tests of those who only publish.
final class RecordingBus: Bus {
    struct Published: Sendable, Equatable {
        var topic: String
        var key: String
        var seq: Int64?
        var bytes: [UInt8]
    }

    private let kept = Mutex<(published: [Published], signals: [[UInt8]])>(([], []))
    let arrivals: AsyncStream<Published>
    private let arrived: AsyncStream<Published>.Continuation

    init() { (arrivals, arrived) = AsyncStream.makeStream() }

    var signalled: [[UInt8]] { kept.withLock { $0.signals } }

    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {
        let published = Published(topic: topic, key: key, seq: seq, bytes: bytes)
        kept.withLock { $0.published.append(published) }
        arrived.yield(published)
    }

    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {}

    func signal(_ subject: String, _ bytes: [UInt8]) async { kept.withLock { $0.signals.append(bytes) } }

    func signals(_ subject: String) -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }

    var reconnections: AsyncStream<Void> { AsyncStream { $0.finish() } }
}
