/// Changes JSON as a structure: values, members, nesting, spelling.
struct JSONMutator {
    /// Values besides those that are odd everywhere; as JSON.
    var words: [[UInt8]] = []
    var longest = 4096

    func mutate(_ bytes: inout [UInt8], with other: [UInt8], using random: inout SplitMix) {
        let spans = JSONSpans(bytes)
        guard let value = random.one(of: spans.values) else {
            bytes = Self.values[random.below(Self.values.count)]
            return
        }
        let member = random.one(of: spans.members)
        switch random.below(12) {
        case 0, 1, 2: bytes.replaceSubrange(value, with: random.oneIn(3) ? random.one(of: words) ?? anyValue(&random) : anyValue(&random))
        case 3:
            if let foreign = random.one(of: JSONSpans(other).values) { bytes.replaceSubrange(value, with: other[foreign]) }
        case 4: if let member { remove(member, from: &bytes) }
        case 5: if let member { bytes.insert(contentsOf: bytes[member] + [UInt8(ascii: ",")], at: member.lowerBound) }
        case 6:
            if let member, let foreign = random.one(of: JSONSpans(other).members) {
                bytes.insert(contentsOf: other[foreign] + [UInt8(ascii: ",")], at: member.lowerBound)
            }
        case 7:
            // Two members change places.
            if let member, let second = random.one(of: spans.members), member.upperBound <= second.lowerBound {
                let (first, last) = (bytes[member], bytes[second])
                bytes.replaceSubrange(second, with: first)
                bytes.replaceSubrange(member, with: last)
            }
        case 8: nest(value, in: &bytes, using: &random)
        case 9: respell(value, in: &bytes, using: &random)
        case 10: if let member { respellKey(member, in: &bytes, using: &random) }
        default: bytes.insert(contentsOf: [[0x20], [0x0A], [0x09], [0x0D], [0x20, 0x20]][random.below(5)], at: value.lowerBound)
        }
        if bytes.count > longest { bytes.removeSubrange(longest...) }
    }

    private func anyValue(_ random: inout SplitMix) -> [UInt8] {
        random.oneIn(3)
            ? Array(ByteMutator.numbers[random.below(ByteMutator.numbers.count)].utf8)
            : Self.values[random.below(Self.values.count)]
    }

    private func remove(_ range: Range<Int>, from bytes: inout [UInt8]) {
        var range = range
        if range.upperBound < bytes.count, bytes[range.upperBound] == UInt8(ascii: ",") {
            range = range.lowerBound..<range.upperBound + 1
        } else if range.lowerBound > 0, bytes[range.lowerBound - 1] == UInt8(ascii: ",") {
            range = range.lowerBound - 1..<range.upperBound
        }
        bytes.removeSubrange(range)
    }

    private func nest(_ value: Range<Int>, in bytes: inout [UInt8], using random: inout SplitMix) {
        let times = random.oneIn(6) ? 90 + random.below(180) : 1 + random.below(4)
        let isArray = random.oneIn(2)
        let before = Array((isArray ? "[" : "{\"a\":").utf8), after = Array((isArray ? "]" : "}").utf8)
        bytes.insert(contentsOf: (0..<times).flatMap { _ in after }, at: value.upperBound)
        bytes.insert(contentsOf: (0..<times).flatMap { _ in before }, at: value.lowerBound)
    }

    /// The same value, or nearly, in another spelling.
    private func respell(_ value: Range<Int>, in bytes: inout [UInt8], using random: inout SplitMix) {
        if bytes[value.lowerBound] == UInt8(ascii: "\"") {
            escape(value, in: &bytes, using: &random)
        } else if bytes[value.lowerBound] <= 0x39 {
            let ends = ["", ".0", "e0", "E+1", "e-1", ".5", "0", "e308", "e-400", ".00000000000000000000000001"]
            bytes.insert(contentsOf: ends[random.below(ends.count)].utf8, at: value.upperBound)
            if random.oneIn(4) { bytes.insert(UInt8(ascii: "-"), at: value.lowerBound) }
        }
    }

    private func respellKey(_ member: Range<Int>, in bytes: inout [UInt8], using random: inout SplitMix) {
        let end = bytes[(member.lowerBound + 1)..<member.upperBound].firstIndex(of: UInt8(ascii: "\"")) ?? member.lowerBound
        if end > member.lowerBound { escape(member.lowerBound..<end + 1, in: &bytes, using: &random) }
    }

    /// Writes one byte of a string as an escape, or puts an escape or a character in.
    private func escape(_ string: Range<Int>, in bytes: inout [UInt8], using random: inout SplitMix) {
        let place = string.lowerBound + 1 + random.below(max(1, string.count - 1))
        guard place < string.upperBound else { return }
        let byte = bytes[place]
        if random.oneIn(2), byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            let digits = String(byte, radix: 16, uppercase: random.oneIn(2))
            bytes.replaceSubrange(place...place, with: Array("\\u00\(digits)".utf8))
        } else {
            bytes.insert(contentsOf: Self.characters[random.below(Self.characters.count)].utf8, at: place)
        }
    }

    private static let characters = [
        "\\u0000", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\ud83d\\u0041", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\\\", "\\\"", "\\x",
        "\\u00e9", "\\uFFFF", "\\u2028", "é", "e\u{301}", "😀", "\u{FFFD}", "\u{7F}", "\u{85}", "\u{2028}", "日", "\u{1}", "\\u00", "\\u12G4",
    ]

    static let values: [[UInt8]] = [
        "null", "true", "false", "{}", "[]", "\"\"", "\"a\"", "[{}]", "{\"\":{}}", "[null]", "1.5", "-0", "-0.0", "1e1", "1E400", "-1e999",
        "1e-400", "0.1e1", "100e-2", "\"\\u0000\"", "\"@a:b\"", "\"!a:b\"", "\"#a:b\"", "\"$a:b\"", "\"$a\"", "\"@\"", "\"*\"", "tru", "nul",
        "\"\(String(repeating: "x", count: 300))\"", "\"@\(String(repeating: "u", count: 260)):b\"", "[1,\"a\",{\"b\":null}]", "\u{FEFF}1",
        "{\"a\":1,\"a\":2}", "{\"b\":1,\"a\":2}", "{\"\\u0061\":1,\"a\":2}", "NaN", "Infinity", "'a'", "0x10", "+1", ".5", "1.",
    ].map { Array($0.utf8) }
}
