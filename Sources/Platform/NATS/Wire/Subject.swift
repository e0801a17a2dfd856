/// The rules a subject must obey before it may be written to a server.
///
/// A subject is text between spaces on a control line, so one that holds a space or a line break would be read as
/// protocol; one with an empty token matches no stream.
public enum Subject {
    /// The longest subject that leaves room for the rest of a control line.
    public static let maxLength = 1_536

    /// Throws unless messages can be published to `subject`.
    public static func checkPublishable(_ subject: String) throws {
        try check(subject, wildcards: false)
    }

    /// Throws unless `subject`, which may have wildcards, can be subscribed to.
    public static func checkSubscribable(_ subject: String) throws {
        try check(subject, wildcards: true)
    }

    /// Whether `text` can stand as one token of a subject.
    public static func isToken(_ text: String) -> Bool {
        !text.isEmpty && !text.utf8.contains { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: ".") } && text != "*" && text != ">"
    }

    private static func check(_ subject: String, wildcards: Bool) throws {
        let bytes = subject.utf8
        guard !bytes.isEmpty, bytes.count <= maxLength else { throw NATSError.invalidSubject(subject) }
        var tokenLength = 0, onlyByte: UInt8 = 0, sawTail = false
        func endToken() throws {
            guard tokenLength > 0, !sawTail else { throw NATSError.invalidSubject(subject) }
            if tokenLength == 1, onlyByte == UInt8(ascii: "*") || onlyByte == UInt8(ascii: ">") {
                guard wildcards else { throw NATSError.invalidSubject(subject) }
                sawTail = onlyByte == UInt8(ascii: ">")
            }
            tokenLength = 0
        }
        for byte in bytes {
            guard byte > 0x20, byte != 0x7F else { throw NATSError.invalidSubject(subject) }
            if byte == UInt8(ascii: ".") {
                try endToken()
            } else {
                tokenLength += 1
                onlyByte = byte
            }
        }
        try endToken()
    }
}
