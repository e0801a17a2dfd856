public import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Puts requests to processes of the same cluster, over connections that are kept.
///
/// It does what such calls need and no more (a POST, a body of known length, one answer), since every request from outside
/// waits for one; for other people's servers there is ``HTTPClient``.
public final class PeerClient: Sendable {
    public struct Options: Sendable {
        /// A peer that is away is noticed soon.
        public var connectTimeout: Duration = .seconds(2)
        /// Less than listeners keep an idle connection, so that they seldom close one as it is used.
        public var idleTimeout: Duration = .seconds(20)
        /// Requests to one peer beyond these wait for one of them.
        public var connectionsPerPeer = 256
        public var maxResponseBytes = 64 << 20

        public init() {}
    }

    /// What a peer answered.
    public struct Reply: Sendable {
        public var status: Int
        public var body: [UInt8]
        let head: HTTPResponseHead

        public func header(_ name: String) -> String? { head.headers.first(name: name) }
    }

    private let options: Options
    private let peers = Mutex<[URL: Peer]>([:])

    public init(_ options: Options = Options()) { self.options = options }

    /// Closes the connections that are idle.
    deinit { for peer in peers.withLock({ Array($0.values) }) { peer.closeIdle() } }

    /// Throws ``HTTPClient/Failure``, or `CancellationError` when the task was cancelled.
    ///
    /// - Parameters:
    ///   - base: where the peer listens.
    ///   - path: what is asked of it, beginning with a slash.
    public func post(
        _ base: URL, _ path: String, headers: [(String, String)], body: [UInt8], timeout: Duration
    ) async throws -> Reply {
        try Task.checkCancellation()
        let peer = try peer(at: base)
        var fields = HTTPHeaders(headers)
        fields.add(name: "Host", value: peer.authority)
        fields.add(name: "Content-Length", value: String(body.count))
        let call = PeerCall(
            head: HTTPRequestHead(version: .http1_1, method: .POST, uri: peer.path + path, headers: fields),
            body: ByteBuffer(bytes: body), maxResponseBytes: options.maxResponseBytes)
        let deadline = Deadlines.shared.add(after: timeout) { call.end(.failure(HTTPClient.Failure.deadlineExceeded)) }
        defer { Deadlines.shared.remove(deadline) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                call.begin(continuation)
                peer.submit(call)
            }
        } onCancel: {
            call.end(.failure(CancellationError()))
        }
    }

    private func peer(at base: URL) throws -> Peer {
        try peers.withLock { peers in
            if let peer = peers[base] { return peer }
            let peer = try Peer(base, options)
            peers[base] = peer
            return peer
        }
    }
}
