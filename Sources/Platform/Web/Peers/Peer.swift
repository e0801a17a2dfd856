import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A process of the cluster: its connections, and the requests that wait for one.
final class Peer: Sendable {
    private struct State {
        var idle: [PeerConnection] = []
        /// Idle, in use, and on their way to be made.
        var connections = 0
        var waiting: [PeerCall] = []

        mutating func takeWaiting() -> PeerCall? {
            while !waiting.isEmpty {
                let call = waiting.removeFirst()
                if !call.isDone { return call }
            }
            return nil
        }
    }

    private enum Place {
        case onConnection(PeerConnection)
        case onNewConnection
        case inQueue
    }

    let authority: String
    let path: String
    private let host: String
    private let port: Int
    private let tls: NIOSSLContext?
    private let options: PeerClient.Options
    private let state = Mutex(State())

    init(_ base: URL, _ options: PeerClient.Options) throws {
        guard let host = base.host, let scheme = base.scheme, ["http", "https"].contains(scheme) else {
            throw HTTPClient.Failure.invalidURL(base.absoluteString)
        }
        self.host = host
        port = base.port ?? (scheme == "https" ? 443 : 80)
        authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        path = base.path.hasSuffix("/") ? String(base.path.dropLast()) : base.path
        tls = try scheme == "https" ? Self.tls() : nil
        self.options = options
    }

    private static func tls() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = TrustedCertificates.file { configuration.trustRoots = .file(file) }
        return try NIOSSLContext(configuration: configuration)
    }

    /// Sends a request on the connection that was used last, on a new one, or when there are enough of them on the next that
    /// is free.
    func submit(_ call: PeerCall) {
        let (place, stale) = state.withLock { state -> (Place, [PeerConnection]) in
            if let connection = state.idle.popLast() {
                guard .now - connection.idleSince >= options.idleTimeout else { return (.onConnection(connection), []) }
                // Those below it have been idle for longer.
                let stale = state.idle + [connection]
                state.idle = []
                state.connections += 1
                return (.onNewConnection, stale)
            }
            guard state.connections < options.connectionsPerPeer else {
                state.waiting.removeAll(where: \.isDone)
                state.waiting.append(call)
                return (.inQueue, [])
            }
            state.connections += 1
            return (.onNewConnection, [])
        }
        for connection in stale { connection.close() }
        switch place {
        case .onConnection(let connection): connection.send(call)
        case .onNewConnection: connect(for: call)
        case .inQueue: break
        }
    }

    /// A connection's request has been answered.
    func isFree(_ connection: PeerConnection) {
        let next = state.withLock { state -> PeerCall? in
            if let next = state.takeWaiting() { return next }
            connection.idleSince = .now
            state.idle.append(connection)
            return nil
        }
        if let next { connection.send(next) }
    }

    func isGone(_ connection: PeerConnection) {
        state.withLock { state in state.idle.removeAll { $0 === connection } }
        leaveOne()
    }

    func closeIdle() {
        for connection in state.withLock({ $0.idle }) { connection.close() }
    }

    /// One connection fewer: somebody who waits may have a new one.
    private func leaveOne() {
        let next = state.withLock { state -> PeerCall? in
            state.connections -= 1
            guard state.connections < options.connectionsPerPeer, let next = state.takeWaiting() else { return nil }
            state.connections += 1
            return next
        }
        if let next { connect(for: next) }
    }

    private func connect(for call: PeerCall) {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(options.connectTimeout.nanoseconds))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { [tls, host] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        let isName = (try? SocketAddress(ipAddress: host, port: 0)) == nil
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isName ? host : nil))
                    }
                    try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                }
            }
            .connect(host: host, port: port)
            .flatMapThrowing { channel in
                let connection = PeerConnection(channel: channel, peer: self)
                try channel.pipeline.syncOperations.addHandler(connection)
                return connection
            }
            .whenComplete { result in
                switch result {
                case .success(let connection): connection.send(call)
                case .failure(let error):
                    call.end(.failure(HTTPClient.Failure.unreachable("\(error)")))
                    self.leaveOne()
                }
            }
    }
}
