import NIOCore

/// The life of a connection, without its I/O: events in, actions out.
///
/// It finds a server, greets it, keeps watch over it, and goes to the next when it is lost; it holds what waits to be
/// sent and what must be subscribed again.
package struct ConnectionState: Sendable {
    package enum Phase: Sendable, Hashable {
        case idle
        case waiting
        case dialing(ServerAddress)
        case awaitingInfo(ServerAddress)
        case greeting(ServerAddress)
        case connected(ServerAddress)
        case closed
    }

    package enum Timer: Sendable, Hashable { case redial, handshake, ping, leave }

    /// What happened. A timer names the attempt it was set in, and is ignored in any other.
    package enum Event: Sendable {
        case start
        case dialed
        case dialFailed(String)
        case received(ServerOperation)
        case lost(String)
        case timer(Timer, attempt: Int)
        case close
    }

    package enum Action: Sendable, Equatable {
        case dial(ServerAddress)
        case setTimer(Timer, Duration)
        case upgradeTLS(ServerAddress)
        case write(ByteBuffer)
        /// Send what waits.
        case flush
        /// Send what waits, then close the channel.
        case hangUp
        case report(Report)
        case flushed(UInt64)
        /// The answers to what was asked on this and earlier connections will not come.
        case abandon(epoch: Int, flushes: [UInt64])
    }

    package enum Report: Sendable, Equatable {
        case connected(ServerAddress, ServerInfo, again: Bool)
        case disconnected(String)
        case failed(ServerAddress, String, isFinal: Bool)
        case serverError(String)
        case lameDuck
    }

    private enum Awaited: Sendable, Hashable { case greeting, liveness, flush(UInt64) }

    package struct Settings: Sendable {
        package var name: String?
        package var authentication: Authentication
        package var requireTLS: Bool
        package var pingInterval: Duration
        package var maxPingsOut = 2
        package var handshakeTimeout: Duration
        package var outgoingLimit: Int

        package init(
            name: String? = nil, authentication: Authentication = .none, requireTLS: Bool = false,
            pingInterval: Duration = .seconds(20), handshakeTimeout: Duration = .seconds(5), outgoingLimit: Int = 8 << 20
        ) {
            self.name = name
            self.authentication = authentication
            self.requireTLS = requireTLS
            self.pingInterval = pingInterval
            self.handshakeTimeout = handshakeTimeout
            self.outgoingLimit = outgoingLimit
        }
    }

    private let settings: Settings
    private let jitter: @Sendable () -> Double
    private var pool: ServerPool
    package private(set) var phase = Phase.idle
    private(set) var info = ServerInfo()
    /// How many connections there have been.
    private(set) var epoch = 0
    /// How many times a server was called.
    package private(set) var attempt = 0
    private var awaitedPongs: [Awaited] = []
    private var subscriptions: [UInt64: (subject: String, queue: String?)] = [:]
    private var outgoing = ByteBuffer()
    private var lastError: String?
    private var isLeaving = false

    package init(
        servers: [ServerAddress], backoff: Backoff, settings: Settings,
        jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.settings = settings
        self.jitter = jitter
        pool = ServerPool(servers, backoff: backoff)
    }

    package var isConnected: Bool { if case .connected = phase { true } else { false } }
    /// The connection on which what is published now will be sent.
    var sendingEpoch: Int { isConnected ? epoch : epoch + 1 }
    package var servers: [ServerAddress] { pool.addresses }

    package mutating func handle(_ event: Event) -> [Action] {
        switch (event, phase) {
        case (.close, _): return close()
        case (_, .closed): return []
        case (.start, .idle): return dialNext()
        case (.dialed, .dialing(let server)):
            phase = .awaitingInfo(server)
            return [.setTimer(.handshake, settings.handshakeTimeout)]
        case (.dialFailed(let reason), .dialing(let server)): return failed(server, reason)
        case (.received(let operation), _): return received(operation)
        case (.lost(let reason), _): return lost(reason)
        case (.timer(let timer, let attempt), _) where attempt == self.attempt: return fired(timer)
        default: return []
        }
    }

    // MARK: What is sent

    package mutating func publish(subject: String, reply: String?, headers: Headers, payload: [UInt8]) throws -> [Action] {
        guard phase != .closed else { throw NATSError.closed }
        let size = payload.count + (headers.isEmpty ? 0 : headers.blockLength)
        guard size <= info.maxPayload else { throw NATSError.payloadTooLarge(bytes: size, limit: info.maxPayload) }
        return try send(.publish(subject: subject, reply: reply, headers: headers, payload: payload))
    }

    package mutating func subscribe(sid: UInt64, subject: String, queue: String?) throws -> [Action] {
        guard phase != .closed else { throw NATSError.closed }
        subscriptions[sid] = (subject, queue)
        return isConnected ? try send(.subscribe(sid: sid, subject: subject, queue: queue)) : []
    }

    package mutating func unsubscribe(sid: UInt64) -> [Action] {
        guard subscriptions.removeValue(forKey: sid) != nil, isConnected else { return [] }
        return urgent(.unsubscribe(sid: sid))
    }

    /// Asks for a sign that the server has taken all that was sent so far.
    package mutating func flush(_ id: UInt64) throws -> [Action] {
        guard phase != .closed else { throw NATSError.closed }
        guard isConnected else { throw NATSError.disconnected }
        let actions = try send(.ping)
        awaitedPongs.append(.flush(id))
        return actions
    }

    /// What waits to be sent, when it can be.
    package mutating func takeOutgoing() -> ByteBuffer? {
        guard isConnected, outgoing.readableBytes > 0 else { return nil }
        defer { outgoing = ByteBuffer() }
        return outgoing
    }

    private mutating func send(_ operation: ClientOperation) throws -> [Action] {
        guard outgoing.readableBytes + operation.sizeBound <= settings.outgoingLimit else { throw NATSError.outgoingBufferFull }
        try operation.write(to: &outgoing)
        return isConnected ? [.flush] : []
    }

    /// Appends a short operation that no bound may refuse: it keeps the protocol going.
    private mutating func urgent(_ operation: ClientOperation) -> [Action] {
        guard (try? operation.write(to: &outgoing)) != nil else { return [] }
        return isConnected ? [.flush] : []
    }

    // MARK: Finding a server

    private mutating func dialNext() -> [Action] {
        guard let server = pool.next() else { return [] }
        attempt += 1
        phase = .dialing(server)
        lastError = nil
        return [.dial(server)]
    }

    private mutating func redialLater() -> [Action] {
        phase = .waiting
        attempt += 1
        return [.setTimer(.redial, pool.delay(jitter: jitter()))]
    }

    private mutating func failed(_ server: ServerAddress, _ reason: String) -> [Action] {
        pool.failed()
        let isRefusal = lastError.map(Self.isRefusal) ?? false
        let report = Report.failed(server, lastError ?? reason, isFinal: isRefusal && pool.triedAll && epoch == 0)
        return [.report(report)] + redialLater()
    }

    private mutating func lost(_ reason: String) -> [Action] {
        switch phase {
        case .dialing(let server), .awaitingInfo(let server), .greeting(let server):
            awaitedPongs = []
            return failed(server, reason)
        case .connected:
            let flushes = awaitedPongs.compactMap { if case .flush(let id) = $0 { id } else { nil } }
            awaitedPongs = []
            outgoing = ByteBuffer()
            isLeaving = false
            return [.abandon(epoch: epoch, flushes: flushes), .report(.disconnected(lastError ?? reason))] + redialLater()
        case .idle, .waiting, .closed:
            return []
        }
    }

    private mutating func close() -> [Action] {
        let flushes = awaitedPongs.compactMap { if case .flush(let id) = $0 { id } else { nil } }
        awaitedPongs = []
        let actions: [Action] = phase == .closed ? [] : [.hangUp, .abandon(epoch: .max, flushes: flushes)]
        phase = .closed
        return actions
    }

    private mutating func fired(_ timer: Timer) -> [Action] {
        switch (timer, phase) {
        case (.redial, .waiting): return dialNext()
        case (.handshake, .awaitingInfo), (.handshake, .greeting):
            lastError = lastError ?? "no greeting in time"
            return [.hangUp]
        case (.ping, .connected):
            guard awaitedPongs.count(where: { $0 == .liveness }) < settings.maxPingsOut else {
                lastError = "no answer to pings"
                return [.hangUp]
            }
            awaitedPongs.append(.liveness)
            return urgent(.ping) + [.setTimer(.ping, settings.pingInterval)]
        case (.leave, .connected):
            lastError = "the server is shutting down"
            return [.hangUp]
        default: return []
        }
    }

    // MARK: What the server says

    private mutating func received(_ operation: ServerOperation) -> [Action] {
        switch (operation, phase) {
        case (.info(let info), .awaitingInfo(let server)): return greet(server, info)
        case (.info(let info), .connected(let server)): return update(info, from: server)
        case (.ping, .connected):
            guard outgoing.readableBytes <= settings.outgoingLimit else {
                lastError = "the server asks and does not read the answers"
                return [.hangUp]
            }
            return urgent(.pong)
        case (.pong, .greeting(let server)): return connected(server)
        case (.pong, .connected):
            guard !awaitedPongs.isEmpty, case .flush(let id) = awaitedPongs.removeFirst() else { return [] }
            return [.flushed(id)]
        case (.error(let text), _):
            lastError = text
            return [.report(.serverError(text))]
        default: return []
        }
    }

    private mutating func greet(_ server: ServerAddress, _ info: ServerInfo) -> [Action] {
        self.info = info
        pool.learn(info.connectURLs, from: server)
        let tls = settings.requireTLS || server.tls || info.tlsRequired
        guard !tls || info.tlsRequired || info.tlsAvailable else {
            lastError = "the server does not speak TLS"
            return [.hangUp]
        }
        var greeting = ByteBuffer()
        do {
            var options = ConnectOptions()
            options.name = settings.name
            options.tlsRequired = tls
            try (server.authentication ?? settings.authentication).apply(to: &options, nonce: info.nonce)
            try ClientOperation.connect(options).write(to: &greeting)
            try ClientOperation.ping.write(to: &greeting)
        } catch {
            lastError = "\(error)"
            return [.hangUp]
        }
        phase = .greeting(server)
        return (tls ? [.upgradeTLS(server)] : []) + [.write(greeting)]
    }

    private mutating func connected(_ server: ServerAddress) -> [Action] {
        phase = .connected(server)
        epoch += 1
        pool.succeeded()
        lastError = nil
        var first = ByteBuffer()
        for (sid, subscription) in subscriptions.sorted(by: { $0.key < $1.key }) {
            let operation = ClientOperation.subscribe(sid: sid, subject: subscription.subject, queue: subscription.queue)
            guard (try? operation.write(to: &first)) != nil else { continue }
        }
        first.writeBuffer(&outgoing)
        outgoing = first
        return [
            .report(.connected(server, info, again: epoch > 1)), .flush, .setTimer(.ping, settings.pingInterval * (0.75 + jitter() / 2)),
        ]
    }

    private mutating func update(_ info: ServerInfo, from server: ServerAddress) -> [Action] {
        self.info = info
        pool.learn(info.connectURLs, from: server)
        guard info.lameDuckMode, !isLeaving else { return [] }
        isLeaving = true
        guard pool.addresses.contains(where: { !$0.isSamePlace(as: server) }) else { return [.report(.lameDuck)] }
        return [.report(.lameDuck), .setTimer(.leave, .seconds(2) * jitter())]
    }

    static func isRefusal(_ text: String) -> Bool {
        let text = text.lowercased()
        return ["authorization violation", "authentication", "user jwt", "invalidcredentials"].contains { text.contains($0) }
    }
}
