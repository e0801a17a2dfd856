import HummingbirdCore
import Matrix
import NIOCore
import Synchronization

/// The body of a request on a connection: bounded in bytes and in time, and known to be read to its end or not.
///
/// `@unchecked Sendable`: `iterator`, `left`, `received` and `isFinished` are touched only between taking and giving back `busy`,
/// which admits one reader at a time.
final class InboundBody: @unchecked Sendable {
    static let tooLarge = MatrixError.tooLarge("The body is too large")
    private static let tooSlow = MatrixError.unknown("The body came too slowly", status: 408)
    private static let broken = MatrixError.unknown("The body is not what its headers say", status: 400)
    private static let inUse = MatrixError.unknown()

    private var iterator: RequestBody.AsyncIterator
    private var left = Int.max
    private var isFinished: Bool
    private let announced: Int?
    private let pace: Pace
    private let holding: Holding?
    private var received = 0
    private let busy = Atomic(false)

    /// - Parameters:
    ///   - announced: the value of `Content-Length`; without one and without chunks there is no body.
    ///   - holding: where a body that is collected is counted.
    init(_ body: RequestBody, announced: Int?, isChunked: Bool, pace: Pace, holding: Holding? = nil) {
        iterator = body.makeAsyncIterator()
        self.announced = announced
        self.pace = pace
        self.holding = holding
        isFinished = !isChunked && (announced ?? 0) == 0
    }

    func limit(to bytes: Int) throws {
        if let announced, announced > bytes { throw Self.tooLarge }
        try take()
        left = bytes
        giveBack()
    }

    func next() async throws -> ByteBuffer? {
        try take()
        defer { giveBack() }
        return try await read()
    }

    func collect() async throws -> [UInt8] {
        try take()
        defer { giveBack() }
        var whole: [UInt8] = []
        var held = 0
        while let piece = try await read() {
            if whole.isEmpty { whole.reserveCapacity(Swift.min(Swift.max(announced ?? 0, piece.readableBytes), Holding.counted)) }
            whole += piece.readableBytesView
            if whole.count > Holding.counted + held {
                let more = Swift.max(Holding.counted, piece.readableBytes)
                try holding?.hold(more)
                held += more
            }
        }
        return whole
    }

    /// Whether it has been read to its end.
    var isRead: Bool {
        guard (try? take()) != nil else { return false }
        defer { giveBack() }
        return isFinished
    }

    /// Reads what is left and throws it away, however much it is; whether it came to its end.
    func discard() async -> Bool {
        do {
            try take()
            defer { giveBack() }
            while !isFinished { isFinished = try await nextPiece() == nil }
            return true
        } catch {
            return false
        }
    }

    private func read() async throws -> ByteBuffer? {
        guard !isFinished else { return nil }
        guard let piece = try await nextPiece() else {
            isFinished = true
            return nil
        }
        left -= piece.readableBytes
        guard left >= 0 else { throw Self.tooLarge }
        received += piece.readableBytes
        guard !pace.isTooSlow(received) else { throw Self.tooSlow }
        return piece
    }

    /// What breaks here is what was sent: a chunk that is none, a connection that ends within the body.
    private func nextPiece() async throws -> ByteBuffer? {
        do { return try await iterator.next() } catch let error where !(error is CancellationError) { throw Self.broken }
    }

    private func take() throws {
        guard busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { throw Self.inUse }
    }

    private func giveBack() { busy.store(false, ordering: .releasing) }
}
