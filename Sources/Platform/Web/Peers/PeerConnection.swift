import NIOCore
import NIOHTTP1

/// One connection to a peer, which carries one request at a time.
///
/// What it knows of the request under way is touched on its event loop only.
final class PeerConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    let channel: any Channel
    private let peer: Peer
    /// Guarded by the peer.
    var idleSince = ContinuousClock.now
    private var call: PeerCall?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    init(channel: any Channel, peer: Peer) {
        self.channel = channel
        self.peer = peer
    }

    /// Sends a request, from any thread. One that does not go out, because the connection has just ended, is submitted again.
    func send(_ call: PeerCall) {
        channel.eventLoop.execute {
            guard self.channel.isActive else {
                call.comesBack()
                return self.peer.submit(call)
            }
            guard call.goesOut(on: self) else { return self.peer.isFree(self) }
            self.call = call
            self.channel.write(HTTPClientRequestPart.head(call.head), promise: nil)
            self.channel.write(HTTPClientRequestPart.body(.byteBuffer(call.body)), promise: nil)
            self.channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }
    }

    func close() { channel.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
        case .body(var piece):
            guard let call else { return }
            guard body.readableBytes + piece.readableBytes <= call.maxResponseBytes else {
                end(.failure(HTTPClient.Failure.tooLarge(limit: call.maxResponseBytes)))
                return context.close(promise: nil)
            }
            if body.readableBytes == 0 { body = piece } else { body.writeBuffer(&piece) }
        case .end:
            guard let head, call != nil else { return }
            let reply = PeerClient.Reply(status: Int(head.status.code), body: Array(body.readableBytesView), head: head)
            body = ByteBuffer()
            let ended = call
            call = nil
            if head.isKeepAlive { peer.isFree(self) } else { context.close(promise: nil) }
            ended?.end(.success(reply), isAnswered: true)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(HTTPClient.Failure.broken("the connection was closed")))
        peer.isGone(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(HTTPClient.Failure.broken("\(error)")))
        context.close(promise: nil)
    }

    private func end(_ result: Result<PeerClient.Reply, any Error>) {
        let ended = call
        call = nil
        ended?.end(result, isAnswered: true)
    }
}
