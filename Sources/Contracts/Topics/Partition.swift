import Crypto

/// The part of a topic that a key belongs to. A part's messages are handed over one after another, so those of a key are too.
enum Partition {
    /// How many there are. It is in the subjects of what is already kept, and never changes.
    static let count = 8

    static func of(_ key: String) -> Int { Int(hash(key) % UInt64(count)) }

    /// FNV-1a: the same in every process and release, as `Hashable` is not.
    private static func hash(_ key: String) -> UInt64 {
        key.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// What identifiers are on the way: they may hold spaces, line breaks, dots and wildcards, which subjects and headers may not.
enum Wire {
    /// The longest key that a subject carries itself; a longer one is named by its hash.
    private static let longestKey = 255

    /// A key as one token of a subject.
    static func token(_ key: String) -> String {
        let bytes = Array(key.utf8)
        if bytes.isEmpty { return "~" }
        return bytes.count <= longestKey ? base64URL(bytes) : "~" + base64URL(Array(SHA256.hash(data: bytes)))
    }

    /// Any text as the value of a header: what is not plain ASCII is percent-encoded.
    static func header(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != percent }
        if plain { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte > 0x20 && byte < 0x7F && byte != percent {
                bytes.append(byte)
            } else {
                bytes += [percent, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What ``header(_:)`` was given; nil for what it can't have made.
    static func text(_ header: String) -> String? {
        guard header.utf8.contains(percent) else { return header }
        var bytes: [UInt8] = [], rest = Array(header.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == percent else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hex.firstIndex(of:)), let low = rest.popFirst().flatMap(hex.firstIndex(of:))
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static let percent = UInt8(ascii: "%")
    private static let hex = Array("0123456789ABCDEF".utf8)
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func base64URL(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
