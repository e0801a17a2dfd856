/// What a mail server answers: a code of three digits, and text in one or more lines.
/// [RFC 5321, 4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)
struct SMTPReply: Sendable, Equatable {
    var code: Int
    var lines: [String]

    var text: String { lines.joined(separator: " ") }
    var isPositive: Bool { (200...299).contains(code) }
}

/// Takes replies out of what arrives, byte by byte. Bounded: a server that talks without end is cut off.
struct SMTPReplyParser {
    private var line: [UInt8] = []
    private var lines: [String] = []
    private var code: Int?
    private static let longestLine = 2048
    private static let mostLines = 64

    /// Whether nothing of a further reply has come.
    var isAtStart: Bool { line.isEmpty && lines.isEmpty }

    /// The reply that ends with this byte, if one does.
    mutating func take(_ byte: UInt8) throws(MailFailure) -> SMTPReply? {
        guard byte == UInt8(ascii: "\n") else {
            guard line.count < Self.longestLine else { throw .broken("a line without end") }
            line.append(byte)
            return nil
        }
        defer { line = [] }
        return try endLine()
    }

    private mutating func endLine() throws(MailFailure) -> SMTPReply? {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(String(decoding: digits, as: UTF8.self)), code == nil || code == number
        else { throw .broken("an answer that is not SMTP") }
        let mark = line.count > 3 ? line[3] : UInt8(ascii: " ")
        guard mark == UInt8(ascii: " ") || mark == UInt8(ascii: "-") else { throw .broken("an answer that is not SMTP") }
        guard lines.count < Self.mostLines else { throw .broken("an answer without end") }
        code = number
        lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        guard mark == UInt8(ascii: " ") else { return nil }
        defer { (code, lines) = (nil, []) }
        return SMTPReply(code: number, lines: lines)
    }
}
