import CPostgres

/// Where a database is, as the configuration says it.
enum ConnectionString: Equatable {
    case sqlite(path: String)
    case postgres(uri: String)

    init(_ text: String) throws {
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            try Self.check(postgres: text)
            self = .postgres(uri: text)
        } else if text.hasPrefix("file:") {
            self = .sqlite(path: try Self.path(ofFile: text))
        } else {
            throw DatabaseError.misconfigured("a connection string begins with file:, postgres:// or postgresql://")
        }
    }

    /// `file:x.db`, `file:/x.db`, `file:///x.db`; parameters after `?` are Go's driver's, and have no meaning here.
    private static func path(ofFile text: String) throws -> String {
        var path = text.dropFirst("file:".count).prefix { $0 != "?" && $0 != "#" }
        if path.hasPrefix("//") {
            path = path.dropFirst(2).drop { $0 != "/" }
        }
        guard let decoded = percentDecoded(path), !decoded.isEmpty, decoded != ":memory:" else {
            throw DatabaseError.misconfigured("“\(text)” names no file")
        }
        return decoded
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = Substring(rest.prefix(2))
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value != 0 else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Refuses at once what libpq cannot read, rather than waiting for a server that cannot come.
    private static func check(postgres uri: String) throws {
        guard !uri.utf8.contains(0) else { throw DatabaseError.misconfigured("the connection string holds U+0000") }
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(uri, &message)
        defer {
            PQconninfoFree(options)
            PQfreemem(message)
        }
        guard options != nil else {
            // libpq's message may repeat the string, and so the password.
            throw DatabaseError.misconfigured("the PostgreSQL connection string cannot be read by libpq")
        }
    }
}
