/// The headers of a message, in order; names are told apart by case, as servers do.
public struct Headers: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: String
    }

    public private(set) var fields: [Field] = []

    public init() {}
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    public var isEmpty: Bool { fields.isEmpty }

    /// The first value of a name; setting replaces them all, `nil` removes them.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    public mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }
}

/// What a message without content says: no responders, no messages, a heartbeat.
public struct Status: Sendable, Hashable {
    public var code: Int
    public var description: String

    public init(code: Int, description: String = "") {
        self.code = code
        self.description = description
    }
}

extension Headers {
    static let version = "NATS/1.0"

    /// Throws if a name or value would break the header block apart.
    func check() throws {
        for field in fields {
            let nameIsSound = !field.name.isEmpty
                && field.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            let valueIsSound = !field.value.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
            guard nameIsSound, valueIsSound else { throw NATSError.invalidHeader(field.name) }
        }
    }

    /// The length of the block that ``block`` makes.
    var blockLength: Int {
        fields.reduce(Self.version.utf8.count + 4) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }

    /// Reads a header block. Lines that are not `Name: value` are passed over: another client wrote them, and a message
    /// must not cost us the connection.
    static func parse(_ block: ArraySlice<UInt8>) -> (status: Status?, headers: Headers) {
        var headers = Headers(), status: Status?
        for (index, line) in block.split(separator: 0x0A).enumerated() {
            let line = line.last == 0x0D ? line.dropLast() : line
            if index == 0 {
                guard line.starts(with: version.utf8) else { return (nil, Headers()) }
                status = Status(line: line.dropFirst(version.utf8.count))
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex {
                headers.append(
                    String(decoding: line[..<colon], as: UTF8.self),
                    String(decoding: trimmed(line[(colon + 1)...]), as: UTF8.self))
            }
        }
        return (status, headers)
    }

    fileprivate static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return bytes
    }
}

extension Status {
    /// Reads what follows the version on the first line: ` 503 No Responders`.
    fileprivate init?(line: ArraySlice<UInt8>) {
        let line = Headers.trimmed(line)
        let digits = line.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard digits.count == 3, let code = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.init(
            code: code, description: String(decoding: Headers.trimmed(line.dropFirst(digits.count)), as: UTF8.self))
    }
}
