import Foundation
import Logging

/// One log line as text: `key=value` pairs that people read and machines can split, or a JSON object.
enum LogLine {
    static func text(
        time: Date, level: Logger.Level, label: String, message: String, metadata: [(key: String, value: String)], json: Bool
    ) -> String {
        let stamp = time.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true)) + "Z"
        var pairs = [("time", stamp), ("level", level.rawValue), ("from", label), ("msg", message)]
        pairs += metadata
        return json
            ? "{" + pairs.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}\n"
            : pairs.map { "\(name($0.0))=\(value($0.1))" }.joined(separator: " ") + "\n"
    }

    private static func name(_ text: String) -> String {
        text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) } ? text : quoted(text)
    }

    private static func value(_ text: String) -> String {
        let plain =
            !text.isEmpty
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        return plain ? text : quoted(text)
    }

    /// A JSON string, so that no line break of someone else's begins a line of ours; very long texts are cut.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars.prefix(8_192) {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let other where other.value < 0x20 || (0x7f...0x9f).contains(other.value):
                let digits = String(other.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
