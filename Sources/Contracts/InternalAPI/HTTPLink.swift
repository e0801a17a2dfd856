public import Foundation
public import Logging
import Matrix
public import Web

/// The polylith's link: POSTs the call as JSON to a process of the component which answers it.
///
/// What reached nobody is put to the next replica; what broke off only if it may be sent twice (``Idempotency``).
public struct HTTPLink: Link {
    private let replicas: Replicas
    private let token: String?
    private let client: HTTPClient
    private let logger: Logger

    /// - Parameters:
    ///   - connect: where the component's internal listeners are, one URL a replica.
    ///   - client: shared by the links of a process.
    public init(connect: [URL], token: String?, client: HTTPClient, logger: Logger) {
        replicas = Replicas(
            connect.map { url in
                let text = url.absoluteString
                return text.hasSuffix("/") ? String(text.dropLast()) : text
            })
        self.token = token.flatMap { $0.isEmpty ? nil : $0 }
        self.client = client
        self.logger = logger
    }

    /// A client as links like it: a replica that is away is noticed soon.
    public static func makeClient() -> HTTPClient {
        var options = HTTPClient.Options()
        options.connectTimeout = .seconds(2)
        options.readTimeout = .milliseconds(InternalPath.longestMS)
        options.connectionsPerHost = 256
        return HTTPClient(options)
    }

    public func call<C: Call>(_ call: C) async throws -> C.Reply {
        let body = try JSONCoder.encode(call)
        let deadline = ContinuousClock.now + C.timeout
        var brokeOff = false
        var order = replicas.order(for: call.affinity)[...]
        while let replica = order.popFirst() {
            let left = deadline - .now
            guard left > .zero else { throw MatrixError.tookTooLong }
            do {
                let reply = try await client.request(
                    .post, replicas.addresses[replica] + InternalPath.prefix + C.path, headers: headers(left), body: body,
                    timeout: left, maxResponseBytes: InternalPath.maxBody)
                if reply.status == 503, reply.headers[Readiness.notReadyHeader] != nil {
                    replicas.couldNotBeReached(replica)
                    continue
                }
                replicas.answered(replica)
                return try read(reply, as: C.self)
            } catch HTTPClient.Failure.unreachable(let reason) {
                replicas.couldNotBeReached(replica)
                logger.debug(
                    "unreachable", metadata: ["path": "\(C.path)", "at": "\(replicas.addresses[replica])", "reason": "\(reason)"])
            } catch HTTPClient.Failure.broken(let reason) {
                logger.info(
                    "broke off", metadata: ["path": "\(C.path)", "at": "\(replicas.addresses[replica])", "reason": "\(reason)"])
                guard C.idempotency != .once else { throw MatrixError.lost }
                // A kept connection may close just as it is used: once more, if need be where it was.
                if !brokeOff { order.append(replica) }
                brokeOff = true
            } catch HTTPClient.Failure.deadlineExceeded {
                // It may hang; should it only be slow, then the others are no worse.
                replicas.couldNotBeReached(replica)
                throw MatrixError.tookTooLong
            } catch let failure as HTTPClient.Failure {
                logger.error("\(C.path) failed", metadata: ["error": "\(failure)"])
                throw MatrixError.lost
            }
        }
        if !brokeOff { logger.warning("nobody answers \(C.path)", metadata: ["connect": "\(replicas.addresses)"]) }
        throw brokeOff ? MatrixError.lost : MatrixError.unreachable
    }

    private func headers(_ left: Duration) -> Headers {
        let (seconds, attoseconds) = left.components
        var headers: Headers = ["Content-Type": "application/json"]
        headers.add(InternalPath.deadlineHeader, String(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        if let token { headers.add(ClusterToken.header, token) }
        if let request = RequestID.current { headers.add(RequestID.header, request) }
        return headers
    }

    private func read<C: Call>(_ reply: HTTPClient.Reply, as: C.Type) throws -> C.Reply {
        guard reply.status == 200 else {
            guard var error = try? JSONCoder.decode(MatrixError.self, from: reply.body) else {
                logger.error("\(C.path) answered \(reply.status)")
                throw MatrixError.lost
            }
            error.status = reply.status
            if reply.status == 401, error.errcode == "M_UNAUTHORIZED" {
                logger.error("\(C.path) was refused: is global.internal_api_token the same everywhere?")
                throw MatrixError.hidden
            }
            throw error
        }
        do {
            return try JSONCoder.decode(C.Reply.self, from: reply.body)
        } catch {
            logger.error("the reply to \(C.path) makes no sense", metadata: ["error": "\(error)"])
            throw MatrixError.lost
        }
    }
}
