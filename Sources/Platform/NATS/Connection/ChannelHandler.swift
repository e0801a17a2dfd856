import NIOCore

/// Turns a channel's bytes into operations and hands them on; everything else is ``ConnectionState``'s business.
final class ChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var decoder = OperationDecoder()
    private let receive: (ServerOperation) -> Void
    private let becomeWritable: () -> Void
    private let end: (String) -> Void
    private var reason: String?

    init(
        receive: @escaping (ServerOperation) -> Void, becomeWritable: @escaping () -> Void, end: @escaping (String) -> Void
    ) {
        self.receive = receive
        self.becomeWritable = becomeWritable
        self.end = end
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard reason == nil else { return }
        decoder.append(unwrapInboundIn(data))
        do {
            while let operation = try decoder.next() { receive(operation) }
        } catch {
            reason = "\(error)"
            context.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { becomeWritable() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(reason ?? "the server closed the connection")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = reason ?? "\(error)"
        context.close(promise: nil)
    }
}
