import HTTPTypes
import HummingbirdCore
import Matrix
import NIOCore

/// Has a connection counted among a listener's ``Connections``, and says who waits for whom. One that is too much is answered
/// 503, whatever it asks, and closed.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPConnectionStateHandler.InboundIn
    typealias InboundOut = InboundIn
    typealias OutboundIn = HTTPConnectionStateHandler.OutboundIn
    typealias OutboundOut = OutboundIn

    private let connections: Connections
    private let patience: TimeAmount
    private var connection: Connections.Connection?
    /// Requests that are here whole, less answers that are.
    private var owed = 0
    private var giveUp: Scheduled<Void>?
    private var lastWrite: EventLoopFuture<Void>?
    /// How often ``HasLeft`` is waited for.
    private var leaving = 0

    /// Triggered as an outbound event, it succeeds when all that was written before has left for the other side.
    struct HasLeft: Sendable {}

    /// - Parameter patience: how long one that is too much may take to ask.
    init(_ connections: Connections, patience: TimeAmount = .seconds(5)) {
        self.connections = connections
        self.patience = patience
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connection = connections.admit(context.channel)
        if connection == nil {
            giveUp = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave(context) }

    func channelInactive(context: ChannelHandlerContext) {
        leave(context)
        context.fireChannelInactive()
    }

    private func leave(_ context: ChannelHandlerContext) {
        giveUp?.cancel()
        guard connection != nil else { return }
        connection = nil
        connections.remove(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection != nil else { return refuse(context, unwrapInboundIn(data)) }
        if case .end = unwrapInboundIn(data) { owed += 1 }
        note()
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            owed -= 1
            note()
        }
        let written = promise ?? context.eventLoop.makePromise()
        lastWrite = written.futureResult
        context.write(data, promise: written)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is HasLeft else { return context.triggerUserOutboundEvent(event, promise: promise) }
        guard let lastWrite else { promise?.succeed(()); return }
        leaving += 1
        note()
        lastWrite.assumeIsolated().whenComplete { _ in
            self.leaving -= 1
            self.note()
        }
        lastWrite.cascade(to: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { note() } else { connection?.isWaiting() }
        context.fireChannelWritabilityChanged()
    }

    private func note() {
        if owed > 0, leaving == 0 { connection?.waitingSince.store(0, ordering: .relaxed) } else { connection?.isWaiting() }
    }

    private func refuse(_ context: ChannelHandlerContext, _ part: InboundIn) {
        guard case .head = part else { return }
        let response = Response.error(.unavailable("The server has too many connections at the moment"))
        guard case .bytes(let bytes) = response.body else { return }
        var fields = response.headers.fields
        fields[.contentLength] = String(bytes.count)
        fields[.connection] = "close"
        fields[.accessControlAllowOrigin] = "*"
        context.write(wrapOutboundOut(.head(HTTPResponse(status: .init(code: response.status), headerFields: fields))), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: bytes))), promise: nil)
        let sent = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }
}

extension Connections.Connection {
    fileprivate func isWaiting() { waitingSince.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed) }
}
