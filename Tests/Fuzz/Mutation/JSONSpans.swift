/// Where the values and members of a text stand that is more or less JSON. Found by brackets and quotation marks alone, so
/// that broken texts are mutated further and spellings are kept.
struct JSONSpans {
    private(set) var values: [Range<Int>] = []
    /// Key, colon and value.
    private(set) var members: [Range<Int>] = []

    private static let most = 400

    init(_ bytes: [UInt8]) {
        var open: [(start: Int, key: Int?)] = [(0, nil)]
        var position = 0
        func isStructure(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""):
                true
            default: false
            }
        }
        while position < bytes.count, values.count < Self.most {
            let start = position
            switch bytes[position] {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open.append((start, nil))
                position += 1
                continue
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                position += 1
                guard open.count > 1, let (begin, _) = open.popLast() else { continue }
                close(begin..<position, &open)
                continue
            case UInt8(ascii: "\""):
                position += 1
                while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                position = min(position + 1, bytes.count)
                var next = position
                while next < bytes.count, bytes[next] == 0x20 { next += 1 }
                if next < bytes.count, bytes[next] == UInt8(ascii: ":") {
                    open[open.count - 1].key = start
                    position = next + 1
                    continue
                }
            case let byte where isStructure(byte):
                position += 1
                continue
            default:
                while position < bytes.count, !isStructure(bytes[position]) { position += 1 }
            }
            close(start..<position, &open)
        }
    }

    private mutating func close(_ value: Range<Int>, _ open: inout [(start: Int, key: Int?)]) {
        values.append(value)
        if let key = open[open.count - 1].key {
            members.append(key..<value.upperBound)
            open[open.count - 1].key = nil
        }
    }
}
