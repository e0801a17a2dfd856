import Foundation
import Logging
import Metrics
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A client of a NATS cluster: it stays connected, to whichever server lives, until it is closed.
public final class NATSClient: Sendable {
    /// What listeners are told of the connection.
    public enum Status: Sendable, Hashable {
        case connected(again: Bool)
        case disconnected(String)
        case lameDuck
        /// Messages of this subject were dropped because their reader is slow.
        case slowConsumer(subject: String)
    }

    struct PendingRequest {
        var epoch: Int
        var answers: Answers
        var index: Int
    }

    struct PendingFlush {
        var deadline: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    struct Listener {
        var tell: @Sendable (Status) -> Void
        var finish: @Sendable () -> Void
    }

    struct State {
        var machine: ConnectionState
        var channel: (any Channel)?
        var isFlushScheduled = false
        var subscriptions: [UInt64: Subscription] = [:]
        var nextID: UInt64 = 0
        var inbox: UInt64?
        var requests: [UInt64: PendingRequest] = [:]
        var flushes: [UInt64: PendingFlush] = [:]
        var ready: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var refusal: String?
        var listeners: [UInt64: Listener] = [:]

        mutating func newID() -> UInt64 {
            nextID += 1
            return nextID
        }
    }

    public let options: NATSOptions
    let logger: Logger
    let loop: any EventLoop
    let deadlines: Deadlines
    let inboxPrefix: String
    let state: Mutex<State>
    private let tls: NIOSSLContext
    private let droppedMessages = Counter(label: "nats_slow_consumer_dropped_total")
    private let reconnects = Counter(label: "nats_reconnects_total")

    /// Begins to connect; ``ready()`` waits until that has come about.
    public init(_ options: NATSOptions, logger: Logger) throws {
        guard !options.servers.isEmpty else { throw NATSError.invalidAddress("no address") }
        self.options = options
        self.logger = logger
        loop = MultiThreadedEventLoopGroup.singleton.any()
        deadlines = Deadlines(loop: loop)
        tls = try options.tls.context()
        inboxPrefix = "_INBOX.\(Self.randomToken())."
        let settings = ConnectionState.Settings(
            name: options.name, authentication: options.authentication, requireTLS: options.requiresTLS,
            pingInterval: options.pingInterval, handshakeTimeout: options.dialTimeout, outgoingLimit: options.outgoingLimit)
        state = Mutex(State(machine: ConnectionState(servers: options.servers, backoff: options.backoff, settings: settings)))
        loop.execute { self.handle(.start) }
    }

    static func randomToken() -> String {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        return String((0..<22).compactMap { _ in alphabet.randomElement() })
    }

    public var isConnected: Bool { state.withLock { $0.machine.isConnected } }
    /// Which connection takes what is sent now: rises with each that is made.
    public var connectionNumber: Int { state.withLock { $0.machine.sendingEpoch } }
    public var serverInfo: ServerInfo { state.withLock { $0.machine.info } }
    /// The servers known, configured and learnt.
    public var knownServers: [ServerAddress] { state.withLock { $0.machine.servers } }

    /// Waits until there is a connection; throws when every server has refused us, and when cancelled.
    public func ready() async throws {
        try await wait(in: \.ready) { state in
            if state.machine.phase == .closed { throw NATSError.closed }
            if let refusal = state.refusal { throw NATSError.authorization(refusal) }
            return state.machine.isConnected
        }
    }

    /// What becomes of the connection from now on; the oldest are dropped when nobody reads.
    public func statuses() -> AsyncStream<Status> { listen { $0 } }

    /// Yields whenever the connection was lost and made again.
    public func reconnections() -> AsyncStream<Void> { listen { $0 == .connected(again: true) ? () : nil } }

    private func listen<T: Sendable>(_ select: @escaping @Sendable (Status) -> T?) -> AsyncStream<T> {
        let (stream, continuation) = AsyncStream<T>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let listener = Listener(tell: { if let value = select($0) { continuation.yield(value) } }, finish: { continuation.finish() })
        let id = state.withLock { state in
            let id = state.newID()
            state.listeners[id] = listener
            return id
        }
        continuation.onTermination = { _ in self.state.withLock { _ = $0.listeners.removeValue(forKey: id) } }
        return stream
    }

    /// Sends what waits and ends it all.
    public func close() async {
        try? await flush(timeout: .seconds(2), isCancellable: false)
        let closed = loop.makePromise(of: Void.self)
        loop.execute {
            self.handle(.close)
            if let channel = self.state.withLock({ $0.channel }) {
                channel.closeFuture.cascade(to: closed)
            } else {
                closed.succeed()
            }
        }
        try? await closed.futureResult.get()
        let (subscriptions, ready, listeners) = state.withLock { state in
            defer {
                state.subscriptions = [:]
                state.ready = [:]
                state.listeners = [:]
            }
            return (Array(state.subscriptions.values), Array(state.ready.values), Array(state.listeners.values))
        }
        for subscription in subscriptions { subscription.close() }
        for waiter in ready { waiter.resume(throwing: NATSError.closed) }
        for listener in listeners { listener.finish() }
    }

    /// Ends every subscription, lets what was received be read, and closes once all that was published has arrived.
    public func drain() async {
        for subscription in state.withLock({ Array($0.subscriptions.values) }) { unsubscribe(subscription) }
        await close()
    }

    // MARK: The event loop's side

    private func handle(_ event: ConnectionState.Event) {
        let (actions, attempt) = state.withLock { ($0.machine.handle(event), $0.machine.attempt) }
        perform(actions, attempt: attempt)
    }

    private func perform(_ actions: [ConnectionState.Action], attempt: Int) {
        for action in actions {
            switch action {
            case .dial(let server): dial(server, attempt: attempt)
            case .setTimer(let timer, let delay):
                loop.scheduleTask(in: TimeAmount(delay)) { self.handle(.timer(timer, attempt: attempt)) }
            case .upgradeTLS(let server): upgradeTLS(server)
            case .write(let buffer): state.withLock { $0.channel }?.writeAndFlush(buffer, promise: nil)
            case .flush: sendWaiting()
            case .hangUp:
                sendWaiting()
                state.withLock { $0.channel }?.close(promise: nil)
            case .report(let report): self.report(report)
            case .flushed(let id): endFlush(id, .success(()))
            case .abandon(let epoch, let flushes): abandon(epoch: epoch, flushes: flushes)
            }
        }
    }

    private func dial(_ server: ServerAddress, attempt: Int) {
        let isCurrent = { @Sendable in self.state.withLock { $0.machine.attempt == attempt } }
        ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.dialTimeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ChannelHandler(
                            receive: { self.received($0) },
                            becomeWritable: { self.sendWaiting() },
                            end: { reason in
                                guard isCurrent() else { return }
                                self.state.withLock { $0.channel = nil }
                                self.handle(.lost(reason))
                            }))
                }
            }
            .connect(host: server.host, port: server.port)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    guard isCurrent(), self.state.withLock({ $0.machine.phase != .closed }) else {
                        channel.close(promise: nil)
                        return
                    }
                    self.state.withLock { $0.channel = channel }
                    self.handle(.dialed)
                case .failure(let error):
                    self.handle(.dialFailed("\(error)"))
                }
            }
    }

    private func upgradeTLS(_ server: ServerAddress) {
        guard let channel = state.withLock({ $0.channel }) else { return }
        do {
            let handler: NIOSSLClientHandler
            if (try? SocketAddress(ipAddress: server.host, port: server.port)) != nil {
                handler = try NIOSSLClientHandler(context: tls, serverHostname: nil)
            } else {
                handler = try NIOSSLClientHandler(context: tls, serverHostname: server.host)
            }
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            logger.error("TLS can't be begun", metadata: ["server": "\(server)", "error": "\(error)"])
            channel.close(promise: nil)
        }
    }

    private func received(_ operation: ServerOperation) {
        guard case .message(let sid, let message) = operation else { return handle(.received(operation)) }
        let (subscription, isInbox) = state.withLock { ($0.subscriptions[sid], $0.inbox == sid) }
        if isInbox {
            answered(message)
        } else if let subscription, !subscription.deliver(message) {
            droppedMessages.increment()
            if subscription.dropped == 1 {
                logger.warning("a slow consumer loses messages", metadata: ["subject": "\(subscription.subject)"])
                tell(.slowConsumer(subject: subscription.subject))
            }
        }
    }

    private func sendWaiting() {
        let (channel, buffer) = state.withLock { state -> ((any Channel)?, ByteBuffer?) in
            state.isFlushScheduled = false
            guard let channel = state.channel, channel.isWritable else { return (nil, nil) }
            return (channel, state.machine.takeOutgoing())
        }
        if let channel, let buffer { channel.writeAndFlush(buffer, promise: nil) }
    }

    private func report(_ report: ConnectionState.Report) {
        switch report {
        case .connected(let server, let info, let again):
            logger.info("connected to NATS", metadata: ["server": "\(server)", "version": "\(info.version)"])
            let (ready, subscriptions) = state.withLock { state in
                defer { state.ready = [:] }
                state.refusal = nil
                return (Array(state.ready.values), again ? Array(state.subscriptions.values) : [])
            }
            if again { reconnects.increment() }
            for subscription in subscriptions { subscription.reconnected() }
            for waiter in ready { waiter.resume() }
            tell(.connected(again: again))
        case .disconnected(let reason):
            logger.warning("the connection to NATS is lost", metadata: ["reason": "\(reason)"])
            tell(.disconnected(reason))
        case .failed(let server, let reason, let isFinal):
            logger.warning("no connection to NATS", metadata: ["server": "\(server)", "reason": "\(reason)"])
            guard isFinal else { return }
            let waiters = state.withLock { state in
                defer { state.ready = [:] }
                state.refusal = reason
                return Array(state.ready.values)
            }
            for waiter in waiters { waiter.resume(throwing: NATSError.authorization(reason)) }
        case .serverError(let text):
            logger.error("NATS says", metadata: ["error": "\(text)"])
        case .lameDuck:
            logger.notice("the NATS server is about to shut down")
            tell(.lameDuck)
        }
    }

    private func tell(_ status: Status) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.tell(status) }
    }

    private func abandon(epoch: Int, flushes: [UInt64]) {
        let requests = state.withLock { state in state.requests.values.filter { $0.epoch <= epoch } }
        for request in requests { forget(request.answers, because: NATSError.disconnected) }
        for id in flushes { endFlush(id, .failure(NATSError.disconnected)) }
    }

    /// Does what a call from any task led to: nothing but sending.
    func send(_ actions: [ConnectionState.Action], in state: inout State) -> Bool {
        guard !actions.isEmpty, !state.isFlushScheduled else { return false }
        state.isFlushScheduled = true
        return true
    }

    func scheduleFlush(_ isNeeded: Bool) {
        if isNeeded { loop.execute { self.sendWaiting() } }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue + attoseconds / 1_000_000_000)
    }
}
