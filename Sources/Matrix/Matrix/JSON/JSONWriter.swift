/// Writes JSON without white space, in the spelling of canonical JSON.
package struct JSONWriter {
    package var bytes: [UInt8]

    package init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    @inline(__always)
    package mutating func byte(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }

    package mutating func literal(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func value(_ value: JSON) {
        switch value {
        case .null: literal("null")
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .double(let value): double(value)
        case .string(let value): string(value)
        case .array(let elements):
            byte("[")
            var isFirst = true
            for element in elements {
                if !isFirst { byte(",") }
                isFirst = false
                self.value(element)
            }
            byte("]")
        case .object(let members): object(members)
        }
    }

    package mutating func object(_ object: JSONObject) {
        byte("{")
        var isFirst = true
        for member in object.members {
            if !isFirst { byte(",") }
            isFirst = false
            string(member.key)
            byte(":")
            value(member.value)
        }
        byte("}")
    }

    package mutating func bool(_ value: Bool) {
        if value { literal("true") } else { literal("false") }
    }

    package mutating func integer(_ value: some FixedWidthInteger) {
        if value >= 0, value < 10 {
            bytes.append(0x30 &+ UInt8(truncatingIfNeeded: value))
        } else {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { digits in
                var magnitude = value.magnitude
                var start = digits.count
                repeat {
                    let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
                    start -= 1
                    digits[start] = 0x30 &+ UInt8(truncatingIfNeeded: remainder)
                    magnitude = quotient
                } while magnitude != 0
                if value < 0 {
                    start -= 1
                    digits[start] = UInt8(ascii: "-")
                }
                bytes.append(contentsOf: digits[start...])
            }
        }
    }

    /// JSON has no infinity and no NaN: they become null.
    package mutating func double(_ value: Double) {
        if value.isFinite { bytes.append(contentsOf: value.description.utf8) } else { literal("null") }
    }

    package mutating func string(_ text: String) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { string($0) }
        if isDone == nil { Array(text.utf8).withUnsafeBufferPointer { string($0) } }
    }

    /// Writes valid UTF-8 as a string.
    mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        byte("\"")
        var written = 0
        var position = 0
        while true {
            position = text.endOfPlainText(from: position)
            guard position < text.count else { break }
            let character = text[position]
            if character < 0x80 {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written..<position]))
                escape(character)
                written = position + 1
            }
            position += 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written...]))
        byte("\"")
    }

    private mutating func escape(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""): literal("\\\"")
        case UInt8(ascii: "\\"): literal("\\\\")
        case 0x08: literal("\\b")
        case 0x09: literal("\\t")
        case 0x0A: literal("\\n")
        case 0x0C: literal("\\f")
        case 0x0D: literal("\\r")
        default:
            literal("\\u00")
            bytes.append(hexadecimalDigit(character >> 4))
            bytes.append(hexadecimalDigit(character & 15))
        }
    }

    private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension JSON {
    /// The text, without white space, keys sorted.
    public func serialized() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

extension JSONObject {
    public func serialized() -> [UInt8] {
        var writer = JSONWriter()
        writer.object(self)
        return writer.bytes
    }
}
