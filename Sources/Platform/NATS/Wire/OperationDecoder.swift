import NIOCore

/// Reads the server's side of the protocol: bytes in, operations out, however the bytes were cut.
public struct OperationDecoder: Sendable {
    /// What the decoder refuses to hold.
    public struct Limits: Sendable {
        public var controlLine = 4_096
        /// INFO lists a whole cluster and may be longer than other control lines.
        public var info = 64 << 10
        public var headers = 64 << 10
        /// Headers and payload together. The server's own limit, raised to hold its own answers, which don't keep to it.
        public var message = 2 << 20
        /// What the limit for messages grows to at most, whatever the server says that it takes.
        public var greatestMessage = 65 << 20
        public init() {}
    }

    private struct Envelope {
        var sid: UInt64
        var subject: String
        var reply: String?
        var headerLength: Int
        var length: Int
    }

    public var limits: Limits
    private var buffer = ByteBuffer()
    /// How much of the buffer is known to hold no line break.
    private var scanned = 0
    private var envelope: Envelope?

    public init(limits: Limits = Limits()) { self.limits = limits }

    public mutating func append(_ bytes: consuming ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeBuffer(&bytes)
        }
    }

    /// The next whole operation, or nil until more bytes come. Once it has thrown, the connection is of no more use.
    public mutating func next() throws -> ServerOperation? {
        if let envelope { return try message(envelope) }
        guard let line = try controlLine() else { return nil }
        let verb = line.prefix { $0 != 0x20 && $0 != 0x09 }
        let rest = line.dropFirst(verb.count)
        if Self.same(verb, "MSG") { return try start(Self.tokens(rest), hasHeaders: false) }
        if Self.same(verb, "HMSG") { return try start(Self.tokens(rest), hasHeaders: true) }
        if Self.same(verb, "PING") { return .ping }
        if Self.same(verb, "PONG") { return .pong }
        if Self.same(verb, "+OK") { return .ok }
        if Self.same(verb, "-ERR") { return .error(Self.unquoted(rest)) }
        if Self.same(verb, "INFO") { return .info(try info(rest)) }
        throw NATSError.protocolViolation("unknown operation")
    }

    /// What a server says that it takes, it may send.
    private mutating func info(_ json: ArraySlice<UInt8>) throws -> ServerInfo {
        let info = try ServerInfo.parse(json)
        let (message, overflow) = info.maxPayload.addingReportingOverflow(limits.headers)
        limits.message = min(max(limits.message, overflow ? .max : message), max(limits.message, limits.greatestMessage))
        return info
    }

    private mutating func controlLine() throws -> [UInt8]? {
        let view = buffer.readableBytesView
        guard let end = view.dropFirst(scanned).firstIndex(of: 0x0A) else {
            scanned = view.count
            try checkLine(length: view.count, first: view.first)
            return nil
        }
        let length = view.distance(from: view.startIndex, to: end)
        try checkLine(length: length, first: view.first)
        scanned = 0
        guard var line = buffer.readBytes(length: length + 1), line.popLast() == 0x0A, line.popLast() == 0x0D else {
            throw NATSError.protocolViolation("a control line must end with CR LF")
        }
        return line
    }

    private func checkLine(length: Int, first: UInt8?) throws {
        let isInfo = first == UInt8(ascii: "I") || first == UInt8(ascii: "i")
        guard length <= (isInfo ? limits.info : limits.controlLine) else {
            throw NATSError.protocolViolation("control line too long")
        }
    }

    private mutating func start(_ tokens: [ArraySlice<UInt8>], hasHeaders: Bool) throws -> ServerOperation? {
        let lengths = hasHeaders ? 2 : 1
        guard tokens.count == 2 + lengths || tokens.count == 3 + lengths,
            let length = Self.number(tokens[tokens.count - 1]).flatMap({ Int(exactly: $0) }),
            let headerLength = hasHeaders ? Self.number(tokens[tokens.count - 2]).flatMap({ Int(exactly: $0) }) : 0,
            let sid = Self.number(tokens[1])
        else { throw NATSError.protocolViolation("malformed message line") }
        guard length <= limits.message, headerLength <= limits.headers, headerLength <= length else {
            throw NATSError.protocolViolation("message too large")
        }
        let envelope = Envelope(
            sid: sid, subject: String(decoding: tokens[0], as: UTF8.self),
            reply: tokens.count == 3 + lengths ? String(decoding: tokens[2], as: UTF8.self) : nil,
            headerLength: headerLength, length: length)
        self.envelope = envelope
        return try message(envelope)
    }

    private mutating func message(_ envelope: Envelope) throws -> ServerOperation? {
        guard buffer.readableBytes >= envelope.length + 2 else { return nil }
        guard let block = buffer.readBytes(length: envelope.headerLength),
            let payload = buffer.readBytes(length: envelope.length - envelope.headerLength),
            buffer.readInteger(as: UInt16.self) == 0x0D0A
        else { throw NATSError.protocolViolation("a payload must end with CR LF") }
        self.envelope = nil
        let (status, headers) = block.isEmpty ? (nil, Headers()) : Headers.parse(block[...])
        return .message(
            sid: envelope.sid,
            NATSMessage(subject: envelope.subject, reply: envelope.reply, headers: headers, status: status, payload: payload))
    }

    private static func tokens(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split { $0 == 0x20 || $0 == 0x09 }
    }

    private static func same(_ bytes: ArraySlice<UInt8>, _ verb: StaticString) -> Bool {
        verb.withUTF8Buffer { verb in
            bytes.count == verb.count
                && zip(bytes, verb).allSatisfy { ($0 >= 0x61 && $0 <= 0x7A ? $0 - 0x20 : $0) == $1 }
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = value * 10 + UInt64(digit - 0x30)
        }
        return value
    }

    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> String {
        let blank: Set<UInt8> = [0x20, 0x09, UInt8(ascii: "'")]
        var bytes = bytes
        while let first = bytes.first, blank.contains(first) { bytes.removeFirst() }
        while let last = bytes.last, blank.contains(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
