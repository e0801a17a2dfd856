import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Web

/// Runs a server on a free port of loopback for as long as the closure takes, then stops it as a process is stopped.
@discardableResult
func withServer<T: Sendable>(
    _ endpoints: [Endpoint], tls: TLSFiles? = nil, options: ServerOptions = ServerOptions(),
    _ body: @Sendable (_ port: Int, _ stop: @escaping @Sendable () async -> Void) async throws -> T
) async throws -> T {
    let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let server = HTTPServer(
        listen: ListenAddress(host: "127.0.0.1", port: 0), tls: tls,
        responder: Responder(router: Router(endpoints), authenticator: NamedTokens(), options: options, logger: quiet),
        options: options,
        logger: quiet)
    let services = ServiceGroup(services: [server], logger: quiet)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        let port = try await server.boundAddress.port
        let result = try await body(port) { await services.triggerGracefulShutdown() }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
        return result
    }
}

/// Sends bytes on a connection, and returns all that comes back until the other side closes it.
func rawExchange(port: Int, _ pieces: [String], pause: Duration? = nil) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        var answer = ""
        do {
            for piece in pieces {
                try await outbound.write(ByteBuffer(string: piece))
                if let pause { try await Task.sleep(for: pause) }
            }
            for try await piece in inbound { answer += String(buffer: piece) }
        } catch where error is IOError || error is ChannelError {
            // Closed while something was still on its way.
        }
        return answer
    }
}

/// Holds a connection open, reading nothing, for as long as the closure takes.
func whileConnected(port: Int, sending text: String, _ body: () async throws -> Void) async throws {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.autoRead, value: false)
        .connect(host: "127.0.0.1", port: port).get()
    try await channel.writeAndFlush(ByteBuffer(string: text))
    try await body()
    try? await channel.close()
}
