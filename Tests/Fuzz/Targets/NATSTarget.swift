import NATS
import NIOCore

/// What a NATS server sends: the same operations however the bytes are cut, and a connection that keeps its bounds whatever
/// the operations are.
public final class NATSTarget: FuzzTarget {
    public let seeds: [[UInt8]]
    private let mutations: Mutations

    public init() {
        seeds = Self.texts.map { Array($0.utf8) }
        mutations = Mutations(bytes: ByteMutator(words: Self.words.map { Array($0.utf8) }), json: nil)
    }

    private static let info =
        "INFO {\"server_id\":\"X\",\"version\":\"2.9.10\",\"max_payload\":1048576,\"headers\":true,\"jetstream\":true,\"nonce\":\"abc\","
        + "\"connect_urls\":[\"a:1\",\"b:2\"],\"ldm\":false,\"tls_available\":true}\r\n"
    private static let texts = [
        info, "PING\r\n", "PONG\r\nPONG\r\n", "+OK\r\n", "-ERR 'Authorization Violation'\r\n", "MSG a.b 7 5\r\nhello\r\n",
        "MSG a.b 7 _INBOX.x 0\r\n\r\n", "HMSG a.b 8 24 29\r\nNATS/1.0\r\nName: v: w\r\n\r\nwo\r\nd\r\n", "HMSG a 8 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
        "HMSG a 1 45 45\r\nNATS/1.0 100 Idle Heartbeat\r\nNats-Last: 5\r\n\r\n\r\n\r\n", "MSG\ta.b\t7\t2\r\n\r\n\r\n", "ping\r\npInG\r\n", "INFO {}\r\n",
        info + "PONG\r\nPING\r\nMSG a.b 1 3\r\nabc\r\nINFO {\"ldm\":true,\"connect_urls\":[\"c:3\",\"[::1]:4\"]}\r\n-ERR 'Stale Connection'\r\n",
    ]
    private static let words = [
        "\r\n", "\r", "\n", " ", "\t", "INFO ", "MSG ", "HMSG ", "PING\r\n", "PONG\r\n", "+OK\r\n", "-ERR '", "NATS/1.0", "NATS/1.0 503", "{}",
        "\"max_payload\":9223372036854775807", "\"max_payload\":-1", "\"connect_urls\":[\"x:1\"]", "\"ldm\":true", "\"tls_required\":true", "0",
        "a.b.c", ">", "*", ": ", "1 1\r\n", "5 5 5 5 5", "65536", "2097152", "2097153",
    ]

    public func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8] {
        // Whole operations follow each other more often than bytes are wrong.
        if random.oneIn(4) { return Array((input + other).prefix(4096)) }
        return mutations.mutated(input, with: other, using: &random)
    }

    public func take(_ input: [UInt8]) throws -> Kind {
        var random = SplitMix(seed: input.fingerprint)
        let whole = decode([input[...]])
        var pieces: [ArraySlice<UInt8>] = []
        var rest = input[...]
        let most = 1 + random.below(random.oneIn(2) ? 4 : 64)
        while !rest.isEmpty {
            let length = min(rest.count, 1 + random.below(most))
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        let cut = decode(pieces)
        try require(cut == whole, "cut into \(pieces.map(\.count)) they are \(cut), not \(whole)")
        let actions = try live(with: whole.operations, using: &random)

        var kind = Kind(actions)
        for operation in whole.operations.prefix(12) { kind.add(Self.number(of: operation)) }
        kind.add(whole.failure ?? "")
        return kind
    }

    private struct Decoded: Equatable {
        var operations: [ServerOperation] = []
        var failure: String?
    }

    private func decode(_ pieces: [ArraySlice<UInt8>]) -> Decoded {
        var decoder = OperationDecoder(), decoded = Decoded()
        do {
            for piece in pieces {
                decoder.append(ByteBuffer(bytes: piece))
                while let operation = try decoder.next() { decoded.operations.append(operation) }
            }
        } catch {
            decoded.failure = "\(error)"
        }
        return decoded
    }

    /// A connection's life with these operations, and everything else that happens to one between them.
    private func live(with operations: [ServerOperation], using random: inout SplitMix) throws -> Int {
        var settings = ConnectionState.Settings()
        settings.outgoingLimit = 2048
        var state = ConnectionState(
            servers: [ServerAddress(host: "a"), ServerAddress(host: "b", tls: random.oneIn(4))], backoff: Backoff(), settings: settings
        ) { 0.5 }
        var kinds = 0
        func took(_ actions: [ConnectionState.Action]) throws {
            try require(actions.count < 16, "\(actions.count) actions at once")
            for action in actions {
                switch action {
                case .dial: kinds |= 1
                case .upgradeTLS: kinds |= 2
                case .write: kinds |= 4
                case .hangUp: kinds |= 8
                case .report: kinds |= 16
                case .flushed: kinds |= 32
                case .abandon: kinds |= 64
                default: break
                }
            }
        }
        func anything() throws {
            switch random.below(9) {
            case 0: try took(state.handle(.dialed))
            case 1: try took((try? state.publish(subject: "a", reply: nil, headers: ["A": "b"], payload: Array(repeating: 0, count: random.below(600)))) ?? [])
            case 2: try took((try? state.subscribe(sid: UInt64(random.below(4)), subject: "s", queue: nil)) ?? [])
            case 3: try took((try? state.flush(UInt64(random.below(9)))) ?? [])
            case 4: try took(state.handle(.lost("gone")))
            case 5: _ = state.takeOutgoing()
            case 6:
                let timer = [ConnectionState.Timer.redial, .handshake, .ping, .leave][random.below(4)]
                try took(state.handle(.timer(timer, attempt: state.attempt)))
            case 7: try took(state.unsubscribe(sid: UInt64(random.below(4))))
            default: try took(state.handle(.dialFailed("no")))
            }
        }
        try took(state.handle(.start))
        try took(state.handle(.dialed))
        for operation in operations {
            try took(state.handle(.received(operation)))
            if random.oneIn(3) { try anything() }
        }
        let waiting = state.takeOutgoing()?.readableBytes ?? 0
        try require(waiting <= settings.outgoingLimit + 512, "\(waiting) bytes wait to be sent")
        try require(state.servers.count <= 66, "\(state.servers.count) servers are remembered")
        try took(state.handle(.close))
        try require(state.phase == .closed && !state.isConnected, "closed it is \(state.phase)")
        return kinds
    }

    private static func number(of operation: ServerOperation) -> Int {
        switch operation {
        case .info(let info): info.connectURLs.isEmpty ? 1 : 2
        case .message(_, let message): 3 + (message.headers.isEmpty ? 0 : 1) + (message.status == nil ? 0 : 2) + (message.reply == nil ? 0 : 4)
        case .ping: 20
        case .pong: 21
        case .ok: 22
        case .error: 23
        }
    }
}
