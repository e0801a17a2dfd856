import AsyncHTTPClient
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Asks other servers, over connections that are kept; every answer is bounded in bytes and in time.
public final class HTTPClient: Sendable {
    public struct Options: Sendable {
        public var connectTimeout: Duration = .seconds(5)
        /// Less than servers keep an idle connection, so that they seldom close one as it is used.
        public var idleTimeout: Duration = .seconds(20)
        /// How long a server may stay silent within an answer.
        public var readTimeout: Duration = .seconds(90)
        /// Requests to one host beyond these wait for one of them.
        public var connectionsPerHost = 64
        public var verifiesCertificates = true
        /// A file of certificates that are believed instead of the system's.
        public var trustedCertificates = TrustedCertificates.file
        public var maxRedirects = 0

        public init() {}
    }

    public struct Reply: Sendable {
        public var status: Int
        public var headers: Headers
        public var body: [UInt8]
    }

    /// Why there is no reply.
    public enum Failure: Error, Sendable {
        case invalidURL(String)
        /// No connection came about: the request reached nobody.
        case unreachable(String)
        /// The connection broke; what became of the request is not known.
        case broken(String)
        case deadlineExceeded
        case tooLarge(limit: Int)
    }

    private let client: AsyncHTTPClient.HTTPClient

    public init(_ options: Options = Options()) {
        var configuration = AsyncHTTPClient.HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(
            connect: .nanoseconds(options.connectTimeout.nanoseconds), read: .nanoseconds(options.readTimeout.nanoseconds))
        configuration.connectionPool = .init(
            idleTimeout: .nanoseconds(options.idleTimeout.nanoseconds),
            concurrentHTTP1ConnectionsPerHostSoftLimit: options.connectionsPerHost)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration =
            options.maxRedirects > 0 ? .follow(max: options.maxRedirects, allowCycles: false) : .disallow
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = options.trustedCertificates { tls.trustRoots = .file(file) }
        if !options.verifiesCertificates { tls.certificateVerification = .none }
        configuration.tlsConfiguration = tls
        client = AsyncHTTPClient.HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections that are left.
    deinit { client.shutdown { _ in } }

    /// Throws ``Failure``, or `CancellationError` when the task was cancelled.
    public func request(
        _ method: Method, _ url: String, headers: Headers = [:], body: [UInt8]? = nil, timeout: Duration = .seconds(30),
        maxResponseBytes: Int = 1 << 20
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: url)
        request.method = .RAW(value: method.rawValue)
        for field in headers.fields { request.headers.add(name: field.name.rawName, value: field.value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let deadline = ContinuousClock.now + timeout
        do {
            let response = try await client.execute(request, timeout: .nanoseconds(timeout.nanoseconds))
            var whole: [UInt8] = []
            for try await piece in response.body {
                guard whole.count + piece.readableBytes <= maxResponseBytes else {
                    throw Failure.tooLarge(limit: maxResponseBytes)
                }
                guard ContinuousClock.now < deadline else { throw Failure.deadlineExceeded }
                whole += piece.readableBytesView
            }
            var headers = Headers()
            for (name, value) in response.headers { headers.add(name, value) }
            return Reply(status: Int(response.status.code), headers: headers, body: whole)
        } catch {
            throw Task.isCancelled ? CancellationError() : Self.failure(error, url)
        }
    }

    private static func failure(_ error: any Error, _ url: String) -> any Error {
        switch error {
        case is Failure: error
        case is NIOConnectionError, is NIOSSLExtraError, NIOSSLError.handshakeFailed: Failure.unreachable("\(error)")
        case let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
            Failure.unreachable("\(error)")
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout: Failure.unreachable("\(error)")
            case .deadlineExceeded, .readTimeout: Failure.deadlineExceeded
            case .invalidURL, .emptyHost, .emptyScheme: Failure.invalidURL(url)
            default: Failure.broken("\(error)")
            }
        default: Failure.broken("\(error)")
        }
    }
}
