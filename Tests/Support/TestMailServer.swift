import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A little mail server on loopback, which keeps what it is given and behaves as a test wants.
public final class TestMailServer: Sendable {
    public struct Behaviour: Sendable {
        /// Whether it knows EHLO, and not only the older HELO.
        public var knowsExtensions = true
        /// A certificate and key in PEM, with which STARTTLS is offered.
        public var tls: (certificate: String, key: String)?
        /// Ways to log in that are offered under TLS, and must then be used: `PLAIN`, `LOGIN`.
        public var logins: [String] = []
        /// What is answered to a command instead of yes.
        public var answers: [String: String] = [:]
        /// Sent together with the yes to STARTTLS, before TLS.
        public var wordsBeforeTLS = ""
        /// Whether it says nothing at all.
        public var isSilent = false

        public init() {}
    }

    public struct Mail: Sendable {
        public var from: String
        public var to: String
        /// Headers and text as they arrived, dots undone.
        public var data: String
        public var wasUnderTLS: Bool
        /// Every line that was sent, but for the mail.
        public var commands: [String]
    }

    public let port: Int
    private let behaviour: Behaviour
    private let received = Mutex<[Mail]>([])

    public var mails: [Mail] { received.withLock { $0 } }

    private init(port: Int, behaviour: Behaviour) {
        self.port = port
        self.behaviour = behaviour
    }

    /// Serves for as long as `body` runs.
    public static func run(
        _ change: (inout Behaviour) -> Void = { _ in }, _ body: (TestMailServer) async throws -> Void
    ) async throws {
        var behaviour = Behaviour()
        change(&behaviour)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = TestMailServer(port: listener.channel.localAddress?.port ?? 0, behaviour: behaviour)
        let serving = Task {
            try await listener.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { try? await server.serve(connection) }
                    }
                }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        serving.cancel()
        _ = await serving.result
        try result.get()
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var lines = Lines(inbound.makeAsyncIterator())
            var said: [String] = [], from = "", to = "", isUnderTLS = false, isLoggedIn = false
            func say(_ text: String) async throws { try await outbound.write(ByteBuffer(string: "\(text)\r\n")) }
            if !behaviour.isSilent { try await say("220 test mail server") }
            while let line = try await lines.next() {
                said.append(line)
                let command = String(line.prefix { $0 != " " }).uppercased()
                if behaviour.isSilent { continue }
                if let answer = behaviour.answers[command] {
                    try await say(answer)
                    continue
                }
                switch command {
                case "EHLO" where behaviour.knowsExtensions:
                    var offers = ["hello"]
                    if behaviour.tls != nil, !isUnderTLS { offers.append("STARTTLS") }
                    if isUnderTLS, !behaviour.logins.isEmpty { offers.append("AUTH " + behaviour.logins.joined(separator: " ")) }
                    for offer in offers.dropLast() { try await say("250-\(offer)") }
                    try await say("250 \(offers.last ?? "")")
                case "HELO": try await say("250 hello")
                case "STARTTLS":
                    // Whoever speaks too early has nothing more to say.
                    guard behaviour.wordsBeforeTLS.isEmpty else {
                        try await outbound.write(ByteBuffer(string: "220 go on\r\n\(behaviour.wordsBeforeTLS)"))
                        continue
                    }
                    try await beginTLS(connection.channel)
                    isUnderTLS = true
                case "AUTH":
                    if line.hasPrefix("AUTH LOGIN") {
                        for prompt in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                            try await say(prompt)
                            said.append(try await lines.next() ?? "")
                        }
                    }
                    isLoggedIn = true
                    try await say("235 welcome")
                case "MAIL" where behaviour.logins.isEmpty || isLoggedIn:
                    from = String(line.dropFirst("MAIL FROM:".count))
                    try await say("250 ok")
                case "RCPT":
                    to = String(line.dropFirst("RCPT TO:".count))
                    try await say("250 ok")
                case "DATA":
                    try await say("354 go on")
                    var data = ""
                    while let line = try await lines.next(), line != "." {
                        data += (line.hasPrefix(".") ? String(line.dropFirst()) : line) + "\r\n"
                    }
                    let mail = Mail(from: from, to: to, data: data, wasUnderTLS: isUnderTLS, commands: said)
                    received.withLock { $0.append(mail) }
                    try await say("250 taken")
                case "QUIT":
                    try await say("221 bye")
                    return
                default: try await say("500 what?")
                }
            }
        }
    }

    /// Says yes and begins TLS in one step of the event loop: what the client says next is read under TLS.
    private func beginTLS(_ channel: any Channel) async throws {
        guard let tls = behaviour.tls else { return }
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMBytes(Array(tls.certificate.utf8)).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(tls.key.utf8), format: .pem))))
        try await channel.eventLoop.submit {
            channel.pipeline.syncOperations.writeAndFlush(NIOAny(ByteBuffer(string: "220 go on\r\n")), promise: nil)
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context), position: .first)
        }.get()
    }

    private struct Lines {
        var source: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        var pending: [UInt8] = []

        init(_ source: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.source = source }

        mutating func next() async throws -> String? {
            while true {
                if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { pending.removeSubrange(...end) }
                    return String(decoding: pending[..<end].filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
                }
                guard let more = try await source.next() else { return nil }
                pending += more.readableBytesView
            }
        }
    }
}
