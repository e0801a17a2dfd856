/// Changes bytes without knowing what they mean.
struct ByteMutator {
    /// What is put in as a whole: words that the target knows.
    var words: [[UInt8]] = []
    var longest = 4096

    func mutate(_ bytes: inout [UInt8], with other: [UInt8], using random: inout SplitMix) {
        let place = random.below(bytes.count + 1)
        switch random.below(11) {
        case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
        case 1: if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
        case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
        case 4: bytes.insert(contentsOf: Self.part(of: bytes, 64, using: &random), at: place)
        case 5: bytes.insert(contentsOf: Self.part(of: other, 256, using: &random), at: place)
        case 6: bytes = Array(bytes[..<place]) + other[random.below(other.count + 1)...]
        case 7: bytes.removeSubrange((random.oneIn(2) ? place : bytes.count - min(bytes.count, random.below(4)))...)
        case 8: number(in: &bytes, from: place, using: &random)
        case 9:
            let part = Self.part(of: bytes, 32, using: &random)
            for _ in 0..<1 + random.below(random.oneIn(8) ? 300 : 8) where bytes.count < longest {
                bytes.insert(contentsOf: part, at: place)
            }
        default:
            if let word = random.one(of: words) { bytes.replaceSubrange(place..<min(bytes.count, place + random.below(4)), with: word) }
        }
        if bytes.count > longest { bytes.removeSubrange(longest...) }
    }

    private static func part(of bytes: [UInt8], _ most: Int, using random: inout SplitMix) -> ArraySlice<UInt8> {
        let start = random.below(bytes.count)
        return bytes[start..<min(bytes.count, start + 1 + random.below(most))]
    }

    /// Puts another number in the place of the next digits.
    private func number(in bytes: inout [UInt8], from place: Int, using random: inout SplitMix) {
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: Self.numbers[random.below(Self.numbers.count)].utf8)
    }

    static let numbers = [
        "0", "1", "-1", "2", "7", "8", "9", "63", "64", "100", "127", "128", "255", "256", "4095", "4096", "65535", "65536",
        "2147483647", "2147483648", "4294967295", "4294967296", "9007199254740991", "9007199254740992", "9007199254740993",
        "-9007199254740991", "-9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616", "99999999999999999999", "00", "01", "-0",
    ]
}
