/// An address that mail can be sent to: two runs of plain letters around an `@`, so that nothing in it can be mistaken for a
/// command or a header. Quoted local parts, address literals and addresses beyond ASCII are not taken.
/// [RFC 5321, 4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    public let local: String
    public let domain: String

    public init?(_ text: String) {
        guard text.utf8.count <= 254, let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let local = text.utf8[..<at], domain = text.utf8[text.utf8.index(after: at)...]
        guard (1...64).contains(local.count), Self.isDotted(local, by: Self.isAtomByte), Self.isDomain(domain) else { return nil }
        self.local = String(text[..<at])
        self.domain = String(text[text.utf8.index(after: at)...])
    }

    public var description: String { "\(local)@\(domain)" }

    private static func isDomain(_ bytes: Substring.UTF8View) -> Bool {
        guard (1...253).contains(bytes.count), isDotted(bytes, by: { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else {
            return false
        }
        return bytes.split(separator: UInt8(ascii: ".")).allSatisfy { label in
            label.count <= 63 && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
        }
    }

    /// Words of such bytes, one or more of each, with dots between them.
    private static func isDotted(_ bytes: Substring.UTF8View, by isAllowed: (UInt8) -> Bool) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.allSatisfy(isAllowed)
        }
    }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
