import NIOCore
import Testing

@testable import NATS

@Suite struct DecoderTests {
    private static let stream = Array(
        ("INFO {\"server_id\":\"X\",\"max_payload\":1048576,\"headers\":true,\"connect_urls\":[\"a:1\",\"b:2\"]}\r\n"
            + "PING\r\npong\r\n+OK\r\n-ERR 'Unknown Protocol Operation'\r\n"
            + "MSG a.b 7 5\r\nhello\r\nMSG a.b 7 _INBOX.x 0\r\n\r\n"
            + "HMSG a.b 8 24 29\r\nNATS/1.0\r\nName: v: w\r\n\r\nwo\r\nd\r\n"
            + "HMSG a 8 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\nMSG\ta.b\t7\t2\r\n\r\n\r\n").utf8)

    private static let operations: [ServerOperation] = {
        var info = ServerInfo()
        info.serverID = "X"
        info.headers = true
        info.connectURLs = ["a:1", "b:2"]
        return [
            .info(info), .ping, .pong, .ok, .error("Unknown Protocol Operation"),
            .message(sid: 7, NATSMessage(subject: "a.b", payload: Array("hello".utf8))),
            .message(sid: 7, NATSMessage(subject: "a.b", reply: "_INBOX.x")),
            .message(sid: 8, NATSMessage(subject: "a.b", headers: ["Name": "v: w"], payload: Array("wo\r\nd".utf8))),
            .message(sid: 8, NATSMessage(subject: "a", reply: "r", status: Status(code: 503))),
            .message(sid: 7, NATSMessage(subject: "a.b", payload: Array("\r\n".utf8))),
        ]
    }()

    private func decode(_ pieces: [ArraySlice<UInt8>], limits: OperationDecoder.Limits = .init()) throws -> [ServerOperation] {
        var decoder = OperationDecoder(limits: limits), operations: [ServerOperation] = []
        for piece in pieces {
            decoder.append(ByteBuffer(bytes: piece))
            while let operation = try decoder.next() { operations.append(operation) }
        }
        return operations
    }

    @Test func everySplitOfTheInputGivesTheSameOperations() throws {
        let bytes = Self.stream
        #expect(try decode([bytes[...]]) == Self.operations)
        #expect(try decode(bytes.indices.map { bytes[$0...$0] }) == Self.operations)
        for first in bytes.indices {
            #expect(try decode([bytes[..<first], bytes[first...]]) == Self.operations)
        }
        for size in 2...17 {
            let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
            #expect(try decode(pieces) == Self.operations)
        }
    }

    @Test(arguments: [
        "HELLO\r\n", "MSG a 1\r\n", "MSG a x 1\r\n", "MSG a 1 -1\r\n", "MSG a 1 99999999999999999999\r\n", "MSG a 1 2\r\nabXX",
        "HMSG a 1 9 2\r\n", "HMSG a 1 70000 70000\r\n", "PING\n", "INFO {\r\n", "MSG a b c d e\r\n", "\r\n",
    ])
    func whatIsNotProtocolIsRefused(_ text: String) {
        #expect(throws: NATSError.self) { try decode([Array(text.utf8)[...]]) }
    }

    @Test func aControlLineIsBoundedBeforeItEnds() {
        let endless = Array(repeating: UInt8(ascii: "M"), count: 5_000)
        #expect(throws: NATSError.self) { try decode([endless[...]]) }
        #expect(throws: NATSError.self) { try decode(endless.indices.map { endless[$0...$0] }) }
    }

    @Test func aMessageIsBoundedBeforeItsBytesCome() {
        var limits = OperationDecoder.Limits()
        limits.message = 10
        #expect(throws: NATSError.self) { try decode([Array("MSG a 1 11\r\n".utf8)[...]], limits: limits) }
    }

    /// What a server takes it may send, but the bound is ours.
    @Test(arguments: ["5000000", "9223372036854775807", "-9223372036854775808"])
    func theServersOwnLimitIsFollowedWithinBounds(_ payload: String) throws {
        var decoder = OperationDecoder()
        decoder.append(ByteBuffer(string: "INFO {\"max_payload\":\(payload)}\r\n"))
        _ = try decoder.next()
        #expect(decoder.limits.message >= 2 << 20)
        #expect(decoder.limits.message <= 65 << 20)
        #expect(payload != "5000000" || decoder.limits.message > 5_000_000)
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            var bytes = Self.stream
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try? decode([bytes[..<(bytes.count / 2)], bytes[(bytes.count / 2)...]])
        }
    }
}
