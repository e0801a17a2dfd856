public import Foundation
public import Logging
import Matrix
public import Web

/// The polylith's link: POSTs the call as JSON to a process of the component which answers it.
///
/// What reached nobody is put to the next replica; what broke off only if it may be sent twice (``Idempotency``), and so is what
/// a replica has not answered for a while, since it may hang.
public struct HTTPLink: Link {
    private let replicas: Replicas
    private let addresses: [URL]
    private let token: String?
    private let client: PeerClient
    private let logger: Logger

    /// A replica that has not answered for as long is passed by, where there is another.
    static let patience = Duration.seconds(3)

    /// - Parameters:
    ///   - connect: where the component's internal listeners are, one URL a replica.
    ///   - client: shared by the links of a process.
    public init(connect: [URL], token: String?, client: PeerClient, logger: Logger) {
        replicas = Replicas(
            connect.map { url in
                let text = url.absoluteString
                return text.hasSuffix("/") ? String(text.dropLast()) : text
            })
        addresses = connect
        self.token = token.flatMap { $0.isEmpty ? nil : $0 }
        self.client = client
        self.logger = logger
    }

    /// A client as links like it.
    public static func makeClient() -> PeerClient {
        var options = PeerClient.Options()
        options.maxResponseBytes = InternalPath.maxBody
        return PeerClient(options)
    }

    public func call<C: Call>(_ call: C) async throws -> C.Reply {
        let body = try JSONCoder.encode(call)
        let deadline = ContinuousClock.now + C.timeout
        var failure = MatrixError.unreachable
        var brokeOff = false
        var order = replicas.order(for: call.affinity)[...]
        while let replica = order.popFirst() {
            let left = deadline - .now
            guard left > .zero else { throw MatrixError.tookTooLong }
            let limit = order.isEmpty || C.idempotency == .once ? left : min(left, Self.patience)
            do {
                let reply = try await client.post(
                    addresses[replica], InternalPath.prefix + C.path, headers: headers(limit), body: body, timeout: limit)
                if wasNotBegun(reply, C.path) {
                    replicas.couldNotBeReached(replica)
                    continue
                }
                replicas.answered(replica)
                return try read(reply, as: C.self)
            } catch HTTPClient.Failure.unreachable(let reason) {
                replicas.couldNotBeReached(replica)
                logger.debug(
                    "unreachable", metadata: ["path": "\(C.path)", "at": "\(addresses[replica])", "reason": "\(reason)"])
            } catch HTTPClient.Failure.broken(let reason) {
                logger.info(
                    "broke off", metadata: ["path": "\(C.path)", "at": "\(addresses[replica])", "reason": "\(reason)"])
                failure = .lost
                guard C.idempotency != .once else { throw failure }
                // A kept connection may close just as it is used: once more, if need be where it was.
                if !brokeOff { order.append(replica) }
                brokeOff = true
            } catch HTTPClient.Failure.deadlineExceeded {
                // It may hang; should it only be slow, then the others are no worse.
                replicas.couldNotBeReached(replica)
                failure = .tookTooLong
                guard C.idempotency != .once else { throw failure }
                logger.info("no answer", metadata: ["path": "\(C.path)", "at": "\(addresses[replica])", "within": "\(limit)"])
            } catch let failure as HTTPClient.Failure {
                logger.error("\(C.path) failed", metadata: ["error": "\(failure)"])
                throw MatrixError.lost
            }
        }
        if failure == .unreachable { logger.warning("nobody answers \(C.path)", metadata: ["connect": "\(addresses)"]) }
        throw failure
    }

    /// Whether a replica says that it has done nothing: it cannot serve yet, or is of a release without this call.
    private func wasNotBegun(_ reply: PeerClient.Reply, _ path: String) -> Bool {
        if reply.status == 503, reply.header(Readiness.notReadyHeader) != nil { return true }
        // An earlier release puts no header on what it answers.
        guard reply.status == 404, reply.header(InternalPath.answeredHeader) == nil,
            (try? JSONCoder.decode(MatrixError.self, from: reply.body))?.errcode == MatrixError.unrecognized().errcode
        else { return false }
        logger.info("an older release does not know this call", metadata: ["path": "\(path)"])
        return true
    }

    private func headers(_ left: Duration) -> [(String, String)] {
        let (seconds, attoseconds) = left.components
        var headers = [("Content-Type", "application/json")]
        headers.append((InternalPath.deadlineHeader, String(seconds * 1000 + attoseconds / 1_000_000_000_000_000)))
        if let token { headers.append((ClusterToken.header, token)) }
        if let request = RequestID.current { headers.append((RequestID.header, request)) }
        return headers
    }

    private func read<C: Call>(_ reply: PeerClient.Reply, as: C.Type) throws -> C.Reply {
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
