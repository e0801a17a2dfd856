/// An identifier with a grammar: text that was checked once.
/// [Identifier grammar](https://spec.matrix.org/v1.19/appendices/#identifier-grammar)
public protocol MatrixIdentifier: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    var string: String { get }
    /// Nil when the text does not fit the grammar.
    init?(_ string: String)
}

extension MatrixIdentifier {
    /// No identifier is longer, in bytes.
    public static var lengthLimit: Int { 255 }

    public var description: String { string }

    /// Identifiers are the same when their bytes are.
    public static func == (left: Self, right: Self) -> Bool { left.string.hasSameBytes(as: right.string) }
    public static func < (left: Self, right: Self) -> Bool { left.string.compareBytes(to: right.string) < 0 }
    public func hash(into hasher: inout Hasher) { hasher.combine(string) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let identifier = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a valid \(Self.self)")
        }
        self = identifier
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string)
    }
}

/// What stands between the sigil and the server's name, and the server's name: split at the first colon.
struct SplitIdentifier {
    let localpart: Substring
    let server: Substring?

    /// Nil without the sigil, beyond 255 bytes, or with U+0000.
    init?(_ string: String, sigil: Unicode.Scalar) {
        let bytes = string.utf8
        guard bytes.count <= 255, bytes.first == UInt8(ascii: sigil), !bytes.contains(0) else { return nil }
        let rest = string[bytes.index(after: bytes.startIndex)...]
        if let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")) {
            localpart = rest[..<colon]
            server = rest[rest.utf8.index(after: colon)...]
        } else {
            localpart = rest
            server = nil
        }
    }
}
