import NIOCore
import NIOPosix
import NIOSSL

/// A connection to a mail server on which commands and replies take turns.
struct SMTPChannel: Sendable {
    let channel: any Channel
    private let handler: NIOLoopBound<SMTPHandler>
    /// What the server says first.
    let greeting: EventLoopFuture<SMTPReply>

    static func open(_ options: SMTPOptions, tls: SMTPClientTLS) async throws -> SMTPChannel {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(options.connectTimeout.nanoseconds))
        do {
            return try await bootstrap.connect(host: options.host, port: options.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if options.security == .implicit { try channel.pipeline.syncOperations.addHandler(tls.handler()) }
                    let greeting = channel.eventLoop.makePromise(of: SMTPReply.self)
                    let handler = SMTPHandler(greeting: greeting, tls: tls)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return SMTPChannel(
                        channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop),
                        greeting: greeting.futureResult)
                }
            }
        } catch {
            throw MailFailure.unreachable("\(error)")
        }
    }

    /// Sends a line, or a whole mail, and returns what the server says to it. With `startingTLS`, a yes begins TLS.
    func ask(_ bytes: [UInt8], startingTLS: Bool = false) async throws -> SMTPReply {
        try await channel.eventLoop.flatSubmit { [channel, handler] in
            let reply = channel.eventLoop.makePromise(of: SMTPReply.self)
            handler.value.expect(reply, startingTLS: startingTLS)
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            return reply.futureResult
        }.get()
    }

    /// Whether TLS has been begun.
    var isUnderTLS: Bool {
        get async throws {
            try await channel.eventLoop.submit { [channel] in
                (try? channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)) != nil
            }.get()
        }
    }

    /// Ends the connection at that time, unless the task that is returned is cancelled before.
    func closing(after timeout: Duration) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: .nanoseconds(timeout.nanoseconds)) { [channel, handler] in
            handler.value.end(MailFailure.timedOut)
            channel.close(promise: nil)
        }
    }

    func close() { channel.close(promise: nil) }
}

/// Gives each reply to whoever waits for it. Used on its event loop alone.
final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var waiting: EventLoopPromise<SMTPReply>?
    private var parser = SMTPReplyParser()
    private var startsTLS = false
    private var ended: MailFailure?
    private let tls: SMTPClientTLS

    init(greeting: EventLoopPromise<SMTPReply>, tls: SMTPClientTLS) {
        waiting = greeting
        self.tls = tls
    }

    func expect(_ reply: EventLoopPromise<SMTPReply>, startingTLS: Bool) {
        if let ended { return reply.fail(ended) }
        waiting?.fail(MailFailure.broken("a command before the last was answered"))
        waiting = reply
        startsTLS = startingTLS
    }

    func end(_ failure: MailFailure) {
        if ended == nil { ended = failure }
        waiting?.fail(ended ?? failure)
        waiting = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            let bytes = unwrapInboundIn(data).readableBytesView
            for (index, byte) in zip(bytes.indices, bytes) {
                guard let reply = try parser.take(byte) else { continue }
                guard let promise = waiting else { throw MailFailure.broken("an answer to nothing: \(reply.code)") }
                if startsTLS, reply.isPositive {
                    // What came in the clear behind the answer would be taken for the server's own words under TLS.
                    guard bytes.index(after: index) == bytes.endIndex else { throw MailFailure.insecure("words before TLS") }
                    try context.pipeline.syncOperations.addHandler(tls.handler(), position: .first)
                }
                (waiting, startsTLS) = (nil, false)
                promise.succeed(reply)
            }
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { end(.broken("the server closed the connection")) }

    func handlerRemoved(context: ChannelHandlerContext) { end(.broken("the connection was closed")) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error as? MailFailure ?? .broken("\(error)"))
        context.close(promise: nil)
    }
}

/// Begins TLS with one mail server.
struct SMTPClientTLS: Sendable {
    private let context: NIOSSLContext
    /// Nil for an address, which TLS does not name.
    private let hostname: String?

    init(_ options: SMTPOptions) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = options.trustedCertificates { configuration.trustRoots = .file(file) }
        if !options.verifiesCertificates { configuration.certificateVerification = .none }
        context = try NIOSSLContext(configuration: configuration)
        hostname = (try? SocketAddress(ipAddress: options.host, port: options.port)) == nil ? options.host : nil
    }

    func handler() throws -> NIOSSLClientHandler { try NIOSSLClientHandler(context: context, serverHostname: hostname) }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue + components.attoseconds / 1_000_000_000
    }
}
