/// [User identifiers](https://spec.matrix.org/v1.19/appendices/#user-identifiers), historical ones included.
public struct UserID: MatrixIdentifier {
    public let string: String
    private let colon: String.Index

    public init?(_ string: String) {
        guard let parts = SplitIdentifier(string, sigil: "@"), let server = parts.server, ServerName.isValid(server) else {
            return nil
        }
        self.string = string
        colon = parts.localpart.endIndex
    }

    public init?(localpart: String, server: String) {
        guard !localpart.utf8.contains(UInt8(ascii: ":")) else { return nil }
        self.init("@\(localpart):\(server)")
    }

    public var localpart: String { String(string[string.utf8.index(after: string.startIndex)..<colon]) }
    public var server: String { String(string[string.utf8.index(after: colon)...]) }

    /// Whether a server may still give this localpart to a new user: only `a-z`, `0-9`, `.`, `_`, `=`, `-`, `/` and `+`.
    public static func isValidNewLocalpart(_ localpart: String) -> Bool {
        !localpart.isEmpty
            && localpart.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                    UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }

    /// Whether this user may be shown to clients outside of events: not empty, nothing but visible ASCII.
    /// [Historical user IDs](https://spec.matrix.org/v1.19/appendices/#historical-user-ids)
    public var isCompliant: Bool {
        let localpart = localpart
        return !localpart.isEmpty && localpart.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
