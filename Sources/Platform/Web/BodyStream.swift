import Hummingbird
import Matrix
import NIOCore

/// A request's body as it arrives, in pieces; throws `M_TOO_LARGE` once it has passed its limit.
public struct BodyStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    private enum Source: Sendable {
        case bytes([UInt8])
        case network(RequestBody, limit: Int)
    }
    private let source: Source

    public init(_ bytes: [UInt8]) { source = .bytes(bytes) }

    init(_ body: RequestBody, limit: Int) { source = .network(body, limit: limit) }

    public func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .bytes(let bytes): AsyncIterator(whole: bytes.isEmpty ? nil : bytes)
        case .network(let body, let limit): AsyncIterator(network: body.makeAsyncIterator(), left: limit)
        }
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var whole: [UInt8]?
        var network: RequestBody.AsyncIterator?
        var left = 0

        public mutating func next() async throws -> [UInt8]? {
            guard var network else {
                defer { whole = nil }
                return whole
            }
            let piece = try await network.next()
            self.network = network
            guard let piece else { return nil }
            left -= piece.readableBytes
            guard left >= 0 else { throw MatrixError(status: 413, errcode: "M_TOO_LARGE", error: "The body is too large") }
            return Array(buffer: piece)
        }
    }
}
