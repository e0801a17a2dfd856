import Matrix

/// [Canonical JSON](https://spec.matrix.org/v1.19/appendices/#canonical-json) as its text says it, without a thought for speed.
extension ObviousJSON {
    /// Which numbers are written.
    enum Numbers {
        /// Only integers in range that are spelt as such, and no key twice: what an event of room version 6 or later may have.
        case spelt
        /// What has the value of an integer in range.
        case valued
        /// Any, as room versions before 6 let them pass.
        case any
    }

    /// Nil for what canonical JSON cannot say.
    func canonical(_ numbers: Numbers) -> String? {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let text): return Self.number(text, numbers)
        case .string(let scalars): return Self.quoted(scalars)
        case .array(let elements):
            let texts = elements.compactMap { $0.canonical(numbers) }
            return texts.count == elements.count ? "[" + texts.joined(separator: ",") + "]" : nil
        case .object(let members):
            var last: [[UInt32]: (key: [Unicode.Scalar], value: ObviousJSON)] = [:]
            for member in members { last[member.key.map(\.value)] = member }
            if numbers == .spelt, last.count < members.count { return nil }
            // What a later member with the same key replaces need not be sayable, except where no key may be there twice.
            let sorted = last.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
            let texts = sorted.compactMap { member in
                member.value.canonical(numbers).map { Self.quoted(member.key) + ":" + $0 }
            }
            return texts.count == sorted.count ? "{" + texts.joined(separator: ",") + "}" : nil
        }
    }

    private static let greatest: Int64 = 9_007_199_254_740_991

    private static func number(_ text: String, _ numbers: Numbers) -> String? {
        let isInteger = !text.contains { ".eE".contains($0) }
        if isInteger, let integer = Int64(text) {
            switch numbers {
            case .any: return String(integer)
            case .valued: return abs(integer.clamped) <= greatest ? String(integer) : nil
            case .spelt: return abs(integer.clamped) <= greatest && text != "-0" ? String(integer) : nil
            }
        }
        guard let double = Double(text) else { return nil }
        switch numbers {
        case .any: return double.description
        case .valued:
            guard double.rounded() == double, double.magnitude <= Double(greatest) else { return nil }
            return String(Int64(double))
        case .spelt: return nil
        }
    }

    private static func quoted(_ scalars: [Unicode.Scalar]) -> String {
        var text = "\""
        for scalar in scalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{8}": text += "\\b"
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\u{C}": text += "\\f"
            case "\r": text += "\\r"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension Int64 {
    /// Without the one number that has no absolute value.
    fileprivate var clamped: Int64 { Swift.max(self, -.max) }
}
