import HTTPTypes
import HummingbirdCore
import Logging
import Matrix
import NIOCore

/// One request and its response on a connection, between Hummingbird's terms and ours.
struct Exchange: Sendable {
    let responder: Responder
    let options: ServerOptions
    let connections: Connections
    let logger: Logger

    /// Thrown to have the connection closed.
    private struct AbandonedBody: Error {}

    func respond(
        _ inbound: HummingbirdCore.Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let fields = inbound.headers
        let holding = Holding(connections, channel)
        defer { holding.releaseAll() }
        let body = InboundBody(
            inbound.body, announced: fields[.contentLength].flatMap { Int($0) }, isChunked: fields[.transferEncoding] != nil,
            pace: Pace(grace: options.bodyTimeout, bytesPerSecond: options.minimumBytesPerSecond), holding: holding)
        let headers = Headers(fields)
        if fields[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        let request = Request(
            Method(rawValue: inbound.method.rawValue), Self.target(inbound.head.path), headers: headers,
            bodyStream: BodyStream(body), remoteAddress: address(fields, channel),
            requestID: RequestID.validated(headers[RequestID.header]) ?? RequestID.generate())
        var response = await RequestID.$current.withValue(request.requestID) { await responder.respond(to: request) }
        if case .bytes(let bytes) = response.body, bytes.count > Self.whole {
            do { try holding.hold(bytes.count) } catch let error as MatrixError { response = .error(error) }
        }
        if options.allowsBrowsers { response.headers.fields.append(contentsOf: Self.browserHeaders) }
        response.headers[RequestID.header] = request.requestID
        response.headers.fields[.date] = HTTPDate.now()
        let (head, content) = outbound(&response, isHead: request.method == .head, channel)
        try await writer.write(response: head, body: content)
        guard await discards(body, channel) else { throw AbandonedBody() }
    }

    /// Reads the rest of a body that the answer did not need, so that the connection can be used again. Closed at once, it would
    /// take with it the answer to whoever is still sending, and nginx would pass by a replica that does so, for everybody. But
    /// nobody is listened to for long.
    private func discards(_ body: InboundBody, _ channel: any Channel) async -> Bool {
        if body.isRead { return true }
        let giveUp = channel.eventLoop.scheduleTask(in: .init(options.lingerTimeout)) { channel.close(promise: nil) }
        defer { giveUp.cancel() }
        return await body.discard()
    }

    /// A response in Hummingbird's terms. Its body is taken out of it, so that it is not in memory twice for as long as the other
    /// side takes to read it.
    private func outbound(
        _ response: inout Response, isHead: Bool, _ channel: any Channel
    ) -> (head: HTTPResponse, body: ResponseBody) {
        var head = HTTPResponse(
            status: HTTPResponse.Status(code: Self.sendable(response.status)), headerFields: response.headers.fields)
        let content: ResponseBody
        switch response.body {
        case .none:
            if head.status.code != 204, head.status.code != 304 { head.headerFields[.contentLength] = "0" }
            content = ResponseBody()
        case .bytes(let bytes):
            head.headerFields[.contentLength] = String(bytes.count)
            content = isHead ? ResponseBody() : body(ByteBuffer(bytes: bytes), channel)
        case .stream(let length, let write):
            if let length { head.headerFields[.contentLength] = String(length) }
            content = isHead ? ResponseBody() : body(length, write, channel)
        }
        response.body = .none
        return (head, content)
    }

    /// What is large goes in pieces, so that it shows whether the other side takes them.
    private func body(_ whole: ByteBuffer, _ channel: any Channel) -> ResponseBody {
        guard whole.readableBytes > Self.whole else { return ResponseBody(byteBuffer: whole) }
        return ResponseBody(contentLength: whole.readableBytes) { [pace] inner in
            var pieces = PacedWriter(inner, channel, pace)
            var rest = whole
            while let next = rest.readSlice(length: min(Self.piece, rest.readableBytes)), next.readableBytes > 0 {
                try await pieces.write(next)
            }
            try await pieces.finish()
        }
    }

    private static let piece = 64 << 10
    /// Answers that are no larger go in one piece.
    private static let whole = 4 * piece

    /// From now on.
    private var pace: Pace { Pace(grace: options.stallTimeout, bytesPerSecond: options.minimumBytesPerSecond) }

    /// When a source fails in the middle, the connection is closed: nothing else tells the other side.
    private func body(
        _ length: Int?, _ write: @escaping @Sendable (inout BodyWriter) async throws -> Void, _ channel: any Channel
    ) -> ResponseBody {
        ResponseBody(contentLength: length) { [pace] inner in
            var pieces = PacedWriter(inner, channel, pace)
            var connectionFailed = false
            var outer = BodyWriter { bytes in
                do { try await pieces.write(ByteBuffer(bytes: bytes)) } catch {
                    connectionFailed = true
                    throw error
                }
            }
            do { try await write(&outer) } catch {
                if !connectionFailed { logger.error("a body broke off", metadata: ["error": "\(String(reflecting: error))"]) }
                throw error
            }
            try await pieces.finish()
        }
    }

    /// A status outside of what HTTP has would be a mistake of ours; it becomes 500.
    private static func sendable(_ status: Int) -> Int { (200...599).contains(status) ? status : 500 }

    /// The path and query of a request line, also of one that a proxy was meant to have.
    private static func target(_ path: String?) -> String {
        guard let path, !path.isEmpty else { return "/" }
        guard !path.hasPrefix("/"), let scheme = path.range(of: "://") else { return path }
        return path[scheme.upperBound...].firstIndex(of: "/").map { String(path[$0...]) } ?? "/"
    }

    private func address(_ fields: HTTPFields, _ channel: any Channel) -> String? {
        let peer = channel.remoteAddress?.ipAddress
        guard let name = options.realIPHeader.flatMap({ HTTPField.Name($0) }) else { return peer }
        return ClientAddress(proxies: options.trustedProxies).address(of: peer, said: fields[name])
    }

    private static let browserHeaders: HTTPFields = [
        .accessControlAllowOrigin: "*",
        .accessControlAllowMethods: "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS",
        .accessControlAllowHeaders: "X-Requested-With, Content-Type, Authorization",
    ]
}
