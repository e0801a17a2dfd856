import NIOCore
import Testing

@testable import NATS

@Suite struct WireTests {
    private func written(_ operation: ClientOperation) throws -> String {
        var buffer = ByteBuffer()
        try operation.write(to: &buffer)
        return String(buffer: buffer)
    }

    @Test func operationsAreWrittenAsTheProtocolSays() throws {
        #expect(try written(.ping) == "PING\r\n")
        #expect(try written(.pong) == "PONG\r\n")
        #expect(try written(.subscribe(sid: 3, subject: "a.*", queue: nil)) == "SUB a.* 3\r\n")
        #expect(try written(.subscribe(sid: 3, subject: "a.>", queue: "q")) == "SUB a.> q 3\r\n")
        #expect(try written(.unsubscribe(sid: 3)) == "UNSUB 3\r\n")
        #expect(try written(.publish(subject: "a", reply: nil, headers: [:], payload: [104, 105])) == "PUB a 2\r\nhi\r\n")
        #expect(try written(.publish(subject: "a", reply: "r", headers: [:], payload: [])) == "PUB a r 0\r\n\r\n")
        let withHeaders = try written(.publish(subject: "a", reply: "r", headers: ["N": "v"], payload: [104]))
        #expect(withHeaders == "HPUB a r 18 19\r\nNATS/1.0\r\nN: v\r\n\r\nh\r\n")
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let headers: Headers = ["Nats-Msg-Id": "x:1", "Key": "a b", "Key": "again"]
        var buffer = ByteBuffer()
        try ClientOperation.publish(subject: "a", reply: nil, headers: headers, payload: [1, 2]).write(to: &buffer)
        let text = String(decoding: buffer.readableBytesView, as: UTF8.self)
        let line = try #require(text.split(separator: "\r\n").first)
        let lengths = line.split(separator: " ").suffix(2).joined(separator: " ")
        var decoder = OperationDecoder()
        buffer.moveReaderIndex(forwardBy: line.utf8.count)
        decoder.append(ByteBuffer(string: "HMSG a 1 \(lengths)"))
        decoder.append(buffer)
        guard case .message(_, let message) = try decoder.next() else {
            Issue.record("no message")
            return
        }
        #expect(message.headers == headers)
        #expect(message.payload == [1, 2])
    }

    @Test(arguments: ["", ".", "a..b", ".a", "a.", "a b", "a\r\nPUB b 0", "a\t", "a\u{0}", "a.*", "a.>", "*", ">"])
    func whatCouldNotBeWrittenIsNotPublishable(_ subject: String) {
        #expect(throws: NATSError.invalidSubject(subject)) { try Subject.checkPublishable(subject) }
    }

    @Test func wildcardsAreForSubscriptions() throws {
        for subject in ["a", "a.*", "*.b", "a.>", ">", "*"] { try Subject.checkSubscribable(subject) }
        for subject in ["a.>.b", "", "a..b", ">.a"] {
            #expect(throws: NATSError.self) { try Subject.checkSubscribable(subject) }
        }
        for subject in ["a", "a.b", "é.b", "a*.b>", "$JS.API.INFO"] { try Subject.checkPublishable(subject) }
        #expect(throws: NATSError.self) { try Subject.checkPublishable(String(repeating: "a", count: 2_000)) }
    }

    @Test(arguments: [("a:b", "c"), ("", "c"), ("a b", "c"), ("a", "c\r\nX: y"), ("a\n", "c"), ("é", "c"), ("a", "c\u{0}")])
    func headersThatWouldBreakTheBlockAreRefused(_ name: String, _ value: String) {
        #expect(throws: NATSError.self) { try ([name: value] as Headers).check() }
    }

    @Test func statusLinesAreRead() {
        func parse(_ text: String) -> Status? { Headers.parse(Array(text.utf8)[...]).status }
        #expect(parse("NATS/1.0 100 Idle Heartbeat\r\nA: b\r\n\r\n") == Status(code: 100, description: "Idle Heartbeat"))
        #expect(parse("NATS/1.0 404\r\n\r\n") == Status(code: 404))
        #expect(parse("NATS/1.0\r\nA: b\r\n\r\n") == nil)
        #expect(parse("HTTP/1.0 404\r\n\r\n") == nil)
    }

    @Test func addressesAreRead() throws {
        let full = try ServerAddress("tls://us%40er:p%3Ass@nats.example:4333")
        #expect(full.host == "nats.example" && full.port == 4333 && full.tls)
        #expect(full.user == "us@er" && full.password == "p:ss")
        #expect(try ServerAddress("nats://[::1]:4223").host == "::1")
        #expect(try ServerAddress("somewhere").port == 4222)
        #expect(try ServerAddress("10.0.0.1:99").port == 99)
        for text in ["", "http://a", "a:b", "a:0", "a:70000", "nats://", "a b"] {
            #expect(throws: NATSError.self) { try ServerAddress(text) }
        }
        #expect("\(full)" == "nats.example:4333")
    }
}
