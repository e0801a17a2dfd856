extension UnsafeBufferPointer<UInt8> {
    /// The first place from `start` on that is not plain ASCII text: a quotation mark, a backslash, a control character or
    /// a byte beyond ASCII; or the end.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        var position = start
        let raw = UnsafeRawBufferPointer(self)
        while position + 8 <= count {
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let quote = word ^ 0x2222_2222_2222_2222
            let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let special =
                (quote &- 0x0101_0101_0101_0101) | (backslash &- 0x0101_0101_0101_0101) | (word &- 0x2020_2020_2020_2020) | word
            let found = special & 0x8080_8080_8080_8080
            if found != 0 {
                // A borrow can only mark bytes above the first one found, so the lowest mark is right.
                return position + UInt64(littleEndian: found).trailingZeroBitCount / 8
            }
            position += 8
        }
        while position < count {
            let byte = self[position]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return position }
            position += 1
        }
        return position
    }

    /// The length of the well-formed UTF-8 sequence of several bytes that begins here, or 0.
    func lengthOfUTF8Sequence(at position: Int) -> Int {
        let lead = self[position]
        func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            position + offset < count && range.contains(self[position + offset])
        }
        switch lead {
        case 0xC2...0xDF: return continues(1) ? 2 : 0
        case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : 0
        case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : 0
        case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
        case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : 0
        case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
        case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : 0
        default: return 0
        }
    }

    /// The UTF-16 unit that four hexadecimal digits name.
    func hexadecimalUnit(at position: Int) -> UInt32? {
        guard position + 4 <= count else { return nil }
        var unit: UInt32 = 0
        for offset in 0..<4 {
            let byte = self[position + offset]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }

    /// The text that these bytes of a checked JSON string stand for.
    func unescaped(from start: Int, to end: Int) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(end - start)
        var position = start
        while position < end {
            let byte = self[position]
            guard byte == UInt8(ascii: "\\"), position + 1 < end else {
                text.append(byte)
                position += 1
                continue
            }
            let escape = self[position + 1]
            position += 2
            switch escape {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = hexadecimalUnit(at: position) ?? 0xFFFD
                position += 4
                if scalar & 0xFC00 == 0xD800, let low = hexadecimalUnit(at: position + 2) {
                    scalar = 0x10000 + ((scalar & 0x3FF) << 10 | (low & 0x3FF))
                    position += 6
                }
                text.append(contentsOf: String(UnicodeScalar(scalar) ?? "\u{FFFD}").utf8)
            default: text.append(escape)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
