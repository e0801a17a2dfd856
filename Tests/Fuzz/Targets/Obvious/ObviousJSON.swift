import Matrix

/// JSON a second time, slow and plain: what the product's reader is compared with. It shares nothing with it.
indirect enum ObviousJSON {
    case null
    case bool(Bool)
    /// As it is spelt.
    case number(String)
    case string([Unicode.Scalar])
    case array([ObviousJSON])
    /// In the order of the text, with every key that is there twice.
    case object([(key: [Unicode.Scalar], value: ObviousJSON)])
}

extension ObviousJSON {
    /// Nil when the bytes are not JSON, nest deeper than `depth`, or have a number that no double is.
    init?(_ bytes: [UInt8], depth: Int = 100) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var reader = ObviousReader(scalars: Array(text.unicodeScalars), depth: depth)
        guard let value = reader.document() else { return nil }
        self = value
    }

    /// As the product says it.
    var json: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let text): Int64(text).map { .integer($0) } ?? .double(Double(text) ?? 0)
        case .string(let scalars): .string(Self.text(scalars))
        case .array(let elements): .array(elements.map(\.json))
        case .object(let members): .object(JSONObject(members.map { (Self.text($0.key), $0.value.json) }))
        }
    }

    static func text(_ scalars: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}

/// Goes through a text once, one scalar at a time.
private struct ObviousReader {
    let scalars: [Unicode.Scalar]
    let depth: Int
    var place = 0

    mutating func document() -> ObviousJSON? {
        guard let value = value(1) else { return nil }
        blanks()
        return place == scalars.count ? value : nil
    }

    private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        place += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        for scalar in word.unicodeScalars where !take(scalar) { return false }
        return true
    }

    private mutating func blanks() { while let next, [" ", "\t", "\n", "\r"].contains(next) { place += 1 } }

    private mutating func value(_ level: Int) -> ObviousJSON? {
        blanks()
        switch next {
        case "n": return take(word: "null") ? .null : nil
        case "t": return take(word: "true") ? .bool(true) : nil
        case "f": return take(word: "false") ? .bool(false) : nil
        case "\"": return string().map { .string($0) }
        case "[": return level > depth ? nil : array(level)
        case "{": return level > depth ? nil : object(level)
        default: return number()
        }
    }

    private mutating func array(_ level: Int) -> ObviousJSON? {
        var elements: [ObviousJSON] = []
        place += 1
        blanks()
        if take("]") { return .array([]) }
        while true {
            guard let element = value(level + 1) else { return nil }
            elements.append(element)
            blanks()
            if take("]") { return .array(elements) }
            guard take(",") else { return nil }
        }
    }

    private mutating func object(_ level: Int) -> ObviousJSON? {
        var members: [(key: [Unicode.Scalar], value: ObviousJSON)] = []
        place += 1
        blanks()
        if take("}") { return .object([]) }
        while true {
            blanks()
            guard let key = string() else { return nil }
            blanks()
            guard take(":"), let value = value(level + 1) else { return nil }
            members.append((key, value))
            blanks()
            if take("}") { return .object(members) }
            guard take(",") else { return nil }
        }
    }

    private mutating func number() -> ObviousJSON? {
        let start = place
        func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { $0 >= "0" && $0 <= "9" } ?? false }
        func digits(_ place: inout Int) -> Bool {
            let start = place
            while place < scalars.count, isDigit(scalars[place]) { place += 1 }
            return place > start
        }
        _ = take("-")
        if !take("0"), !digits(&place) { return nil }
        if take("."), !digits(&place) { return nil }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            if !digits(&place) { return nil }
        }
        let text = ObviousJSON.text(Array(scalars[start..<place]))
        guard Int64(text) != nil || (Double(text)?.isFinite ?? false) else { return nil }
        return .number(text)
    }

    private mutating func string() -> [Unicode.Scalar]? {
        guard take("\"") else { return nil }
        var text: [Unicode.Scalar] = []
        while let scalar = next {
            place += 1
            switch scalar {
            case "\"": return text
            case "\\":
                guard let escaped = escape() else { return nil }
                text.append(escaped)
            case "\u{0}"..."\u{1F}": return nil
            default: text.append(scalar)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let kind = next else { return nil }
        place += 1
        switch kind {
        case "\"", "\\", "/": return kind
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            guard let unit = unit() else { return nil }
            guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
            guard take("\\"), take("u"), let low = self.unit(), (0xDC00..<0xE000).contains(low) else { return nil }
            return Unicode.Scalar(0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00))
        default: return nil
        }
    }

    private mutating func unit() -> UInt32? {
        guard place + 4 <= scalars.count else { return nil }
        let digits = scalars[place..<place + 4]
        guard digits.allSatisfy({ $0.isASCII && $0.properties.isASCIIHexDigit }) else { return nil }
        place += 4
        return UInt32(ObviousJSON.text(Array(digits)), radix: 16)
    }
}
