import HTTPTypes
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// A listener: takes connections, and hands each request to its ``Responder``.
///
/// On graceful shutdown it stops accepting, lets what is in flight finish within ``ServerOptions/drainTimeout``, and leaves.
public final class HTTPServer: Service {
    private let listen: ListenAddress
    private let tls: TLSFiles?
    private let responder: Responder
    private let options: ServerOptions
    private let logger: Logger
    private let bound = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: ListenAddress.self)

    public init(
        listen: ListenAddress, tls: TLSFiles? = nil, responder: Responder, options: ServerOptions = ServerOptions(),
        logger: Logger
    ) {
        self.listen = listen
        self.tls = tls
        self.responder = responder
        self.options = options
        self.logger = logger
    }

    deinit { bound.fail(CancellationError()) }

    /// Where the server listens, once it does; throws what hindered it.
    public var boundAddress: ListenAddress {
        get async throws { try await bound.futureResult.get() }
    }

    public func run() async throws {
        do {
            // Every address means IPv6 with IPv4 in it, unless the machine has no IPv6.
            guard ["", "::"].contains(listen.host) else { return try await run(on: listen.host) }
            do { try await run(on: "::") } catch let error as IOError where error.isNoSuchAddress { try await run(on: "0.0.0.0") }
        } catch {
            let error = error is CancellationError ? error : ListenFailure(address: listen, reason: "\(error)")
            bound.fail(error)
            throw error
        }
    }

    private func run(on host: String) async throws {
        let connections = Connections(mostConnections: options.maxConnections, mostHeldBytes: options.maxHeldBytes)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        let server = try builder(connections).buildServer(
            configuration: ServerConfiguration(address: .hostname(host, port: listen.port), backlog: 1024),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet,
            responder: { [
                connection = Exchange(responder: responder, options: options, connections: connections, logger: logger)
            ] in
                try await connection.respond($0, $1, $2)
            },
            onServerRunning: { [bound, listen, logger] channel in
                let address = ListenAddress(host: listen.host, port: channel.localAddress?.port ?? listen.port)
                logger.info("listening", metadata: ["address": "\(address)"])
                bound.succeed(address)
            })
        try await withThrowingTaskGroup(of: Void.self) { [options] group in
            group.addTask { try await server.run() }
            group.addTask { [responder] in
                try await gracefulShutdown()
                responder.wakeParked()
                try await Task.sleep(for: options.drainTimeout)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func builder(_ connections: Connections) throws -> HTTPServerBuilder {
        let stall = TimeAmount.nanoseconds(options.stallTimeout.nanoseconds)
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [StalledReaderHandler(limit: stall), ConnectionHandler(connections)],
                idleTimeout: .nanoseconds(options.idleTimeout.nanoseconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: options.maxHeaderBytes, maxHeaderListSize: options.maxHeaderBytes,
                    maxHeaderFieldCount: options.maxHeaderFields)))
        guard let tls else { return plain }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(tls.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.key, format: .pem)))
        configuration.applicationProtocols = ["http/1.1"]
        return try .tls(plain, tlsConfiguration: configuration)
    }
}

/// A listener could not be opened, or failed.
public struct ListenFailure: Error, CustomStringConvertible {
    public let address: ListenAddress
    public let reason: String
    public var description: String { "cannot listen on \(address): \(reason)" }
}

extension IOError {
    /// What binding to an IPv6 address says on a machine without.
    fileprivate var isNoSuchAddress: Bool { errnoCode == EAFNOSUPPORT || errnoCode == EADDRNOTAVAIL }
}
