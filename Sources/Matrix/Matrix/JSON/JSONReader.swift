/// Checks a text and notes where each value begins and ends. Everything else (trees, decoding, canonical form, verbatim
/// parts) works from these notes, so that what is not asked for is never built.
struct JSONReader: ~Copyable {
    private let input: UnsafeBufferPointer<UInt8>
    private let reading: JSONReading
    private var position = 0
    private var nodes: [JSONNode] = []

    init(_ input: UnsafeBufferPointer<UInt8>, _ reading: JSONReading) {
        self.input = input
        self.reading = reading
        nodes.reserveCapacity(input.count / 12 + 4)
    }

    /// The nodes of the one value that the text is.
    consuming func read() throws(JSONError) -> [JSONNode] {
        guard input.count <= Int(UInt32.max) else { throw .malformed("too long", at: 0) }
        skipWhitespace()
        try readValue(depth: 1)
        skipWhitespace()
        guard position == input.count else { throw failure("unexpected text after the value") }
        return nodes
    }

    private func failure(_ reason: String) -> JSONError { .malformed(reason, at: position) }

    @inline(__always)
    private var byte: UInt8 { position < input.count ? input[position] : 0 }

    @inline(__always)
    private mutating func skipWhitespace() {
        while position < input.count {
            let byte = input[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    private mutating func readValue(depth: Int) throws(JSONError) {
        guard position < input.count else { throw failure("unexpected end") }
        switch input[position] {
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "{"): try readObject(depth: depth)
        case UInt8(ascii: "["): try readArray(depth: depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        case UInt8(ascii: "t"): try readWord("true", .true)
        case UInt8(ascii: "f"): try readWord("false", .false)
        case UInt8(ascii: "n"): try readWord("null", .null)
        default: throw failure("expected a value")
        }
    }

    private mutating func readWord(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONError) {
        let end = position + word.utf8CodeUnitCount
        guard end <= input.count else { throw failure("expected a value") }
        for offset in 0..<word.utf8CodeUnitCount where input[position + offset] != word.utf8Start[offset] {
            throw failure("expected a value")
        }
        append(kind, from: position, to: end)
        position = end
    }

    @inline(__always)
    private mutating func append(_ kind: JSONNode.Kind, from start: Int, to end: Int) {
        nodes.append(JSONNode(kind: kind, start: start, end: end, next: nodes.count + 1))
    }

    private mutating func close(_ index: Int) {
        nodes[index].end = UInt32(truncatingIfNeeded: position)
        nodes[index].next = UInt32(truncatingIfNeeded: nodes.count)
    }

    private mutating func readArray(depth: Int) throws(JSONError) {
        guard depth <= reading.depthLimit else { throw failure("nested too deep") }
        let index = nodes.count
        append(.array, from: position, to: position)
        position += 1
        skipWhitespace()
        if byte == UInt8(ascii: "]") {
            position += 1
        } else {
            while true {
                try readValue(depth: depth + 1)
                skipWhitespace()
                let separator = byte
                guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else { throw failure("expected , or ]") }
                position += 1
                if separator == UInt8(ascii: "]") { break }
                skipWhitespace()
            }
        }
        close(index)
    }

    private mutating func readObject(depth: Int) throws(JSONError) {
        guard depth <= reading.depthLimit else { throw failure("nested too deep") }
        let index = nodes.count
        append(.object, from: position, to: position)
        position += 1
        skipWhitespace()
        if byte == UInt8(ascii: "}") {
            position += 1
        } else {
            while true {
                guard byte == UInt8(ascii: "\"") else { throw failure("expected a key") }
                try readString()
                skipWhitespace()
                guard byte == UInt8(ascii: ":") else { throw failure("expected :") }
                position += 1
                skipWhitespace()
                try readValue(depth: depth + 1)
                skipWhitespace()
                let separator = byte
                guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else { throw failure("expected , or }") }
                position += 1
                if separator == UInt8(ascii: "}") { break }
                skipWhitespace()
            }
        }
        close(index)
        if reading.canonicalValues {
            let hasDuplicate = nodes.withUnsafeBufferPointer { JSONView(input: input, nodes: $0).hasDuplicateKey(at: index) }
            if hasDuplicate { throw .notCanonical("an object has a key twice") }
        }
    }

    private mutating func readNumber() throws(JSONError) {
        let start = position
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let digits = position
        // Counted downwards, so that the least integer fits.
        var value: Int64 = 0
        var overflows = false
        while position < input.count, case let digit = input[position] &- 0x30, digit <= 9 {
            let (tens, overflow1) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = tens.subtractingReportingOverflow(Int64(digit))
            overflows = overflows || overflow1 || overflow2
            value = sum
            position += 1
        }
        guard position > digits else { throw failure("expected a digit") }
        if position - digits > 1, input[digits] == UInt8(ascii: "0") { throw failure("a number begins with 0") }
        if !overflows, !isNegative, value == .min { overflows = true }
        let isInteger = try !readFractionAndExponent()
        if isInteger, !overflows {
            if reading.canonicalValues {
                guard value >= -JSON.greatestCanonicalInteger, value <= JSON.greatestCanonicalInteger else {
                    throw .notCanonical("an integer is out of range")
                }
                if value == 0, isNegative { throw .notCanonical("negative zero") }
            }
            append(.integer, from: start, to: position)
        } else {
            if reading.canonicalValues {
                throw .notCanonical(isInteger ? "an integer is out of range" : "a number is not an integer")
            }
            let text = String(decoding: UnsafeBufferPointer(rebasing: input[start..<position]), as: UTF8.self)
            guard let double = Double(text), double.isFinite else { throw .malformed("a number is out of range", at: start) }
            append(.double, from: start, to: position)
        }
    }

    private mutating func readFractionAndExponent() throws(JSONError) -> Bool {
        var found = false
        if byte == UInt8(ascii: ".") {
            found = true
            position += 1
            try readDigits()
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            found = true
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try readDigits()
        }
        return found
    }

    private mutating func readDigits() throws(JSONError) {
        let start = position
        while position < input.count, input[position] &- 0x30 <= 9 { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }

    private mutating func readString() throws(JSONError) {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            position = input.endOfPlainText(from: position)
            guard position < input.count else { throw failure("a string does not end") }
            switch input[position] {
            case UInt8(ascii: "\""):
                append(hasEscapes ? .escapedString : .string, from: start, to: position)
                position += 1
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try readEscape()
            case ..<0x20:
                throw failure("a control character in a string")
            default:
                let length = input.lengthOfUTF8Sequence(at: position)
                guard length > 0 else { throw failure("invalid UTF-8") }
                position += length
            }
        }
    }

    private mutating func readEscape() throws(JSONError) {
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            let unit = try readUnit()
            if unit & 0xFC00 == 0xDC00 { throw failure("a lone surrogate") }
            guard unit & 0xFC00 == 0xD800 else { return }
            guard byte == UInt8(ascii: "\\"), position + 1 < input.count, input[position + 1] == UInt8(ascii: "u") else {
                throw failure("a lone surrogate")
            }
            position += 1
            guard try readUnit() & 0xFC00 == 0xDC00 else { throw failure("a lone surrogate") }
        default: throw failure("an unknown escape")
        }
    }

    /// Reads `uXXXX`.
    private mutating func readUnit() throws(JSONError) -> UInt32 {
        guard position + 5 <= input.count, let unit = input.hexadecimalUnit(at: position + 1) else {
            throw failure("expected four hexadecimal digits")
        }
        position += 5
        return unit
    }
}
