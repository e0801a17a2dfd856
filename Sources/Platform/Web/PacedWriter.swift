import HummingbirdCore
import NIOCore

/// Writes a body no faster than the other side takes it. Hummingbird's writer alone goes on for as long as the event loop has not
/// come to what was written before, and so keeps a whole body in memory for somebody who reads nothing.
struct PacedWriter {
    /// The other side takes an answer too slowly to be waited for.
    private struct SlowReader: Error {}

    /// So much may be on its way.
    private static let mostUnsent = 256 << 10

    private var pieces: any ResponseBodyWriter
    private let channel: any Channel
    private let pace: Pace
    private var written = 0
    private var unsent = 0

    init(_ pieces: any ResponseBodyWriter, _ channel: any Channel, _ pace: Pace) {
        self.pieces = pieces
        self.channel = channel
        self.pace = pace
    }

    /// Throws when the connection is gone, or too slow.
    mutating func write(_ piece: ByteBuffer) async throws {
        try await pieces.write(piece)
        written += piece.readableBytes
        unsent += piece.readableBytes
        if unsent >= Self.mostUnsent { try await waitUntilSent() }
        guard !pace.isTooSlow(written) else { throw SlowReader() }
    }

    mutating func finish() async throws {
        if written > Self.mostUnsent { try await waitUntilSent() }
        try await pieces.finish(nil)
    }

    private mutating func waitUntilSent() async throws {
        let giveUp = channel.eventLoop.scheduleTask(in: .init(pace.limit(unsent))) { [channel] in channel.close(promise: nil) }
        defer { giveUp.cancel() }
        try await channel.triggerUserOutboundEvent(ConnectionHandler.HasLeft()).get()
        unsent = 0
    }
}
