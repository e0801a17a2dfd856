import NIOCore

/// A request's body as it arrives, in pieces; throws `M_TOO_LARGE` once it has passed its limit.
public struct BodyStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    private enum Source: Sendable {
        case bytes([UInt8])
        case inbound(InboundBody)
    }
    private let source: Source

    public init(_ bytes: [UInt8]) { source = .bytes(bytes) }

    init(_ body: InboundBody) { source = .inbound(body) }

    /// Says how much may come. A body that is announced as longer is refused before a byte of it is read.
    func limit(to bytes: Int) throws {
        switch source {
        case .bytes(let whole): if whole.count > bytes { throw InboundBody.tooLarge }
        case .inbound(let body): try body.limit(to: bytes)
        }
    }

    func collect() async throws -> [UInt8] {
        switch source {
        case .bytes(let whole): whole
        case .inbound(let body): try await body.collect()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .bytes(let bytes): AsyncIterator(whole: bytes.isEmpty ? nil : bytes, inbound: nil)
        case .inbound(let body): AsyncIterator(whole: nil, inbound: body)
        }
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var whole: [UInt8]?
        let inbound: InboundBody?

        public mutating func next() async throws -> [UInt8]? {
            if let inbound { return try await inbound.next().map { Array(buffer: $0) } }
            defer { whole = nil }
            return whole
        }
    }
}
