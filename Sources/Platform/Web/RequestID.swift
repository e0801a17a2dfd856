public import Logging

/// What ties together everything that one request from outside causes: log lines, internal calls, messages.
public enum RequestID {
    /// The header that carries it from process to process.
    public static let header = "X-Request-Id"

    @TaskLocal public static var current: String?

    /// For `LoggingSystem.bootstrap`: puts the current request's ID on every log line.
    public static let metadataProvider = Logger.MetadataProvider {
        current.map { ["request": .string($0)] } ?? [:]
    }

    public static func generate() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 36)
        return String(repeating: "0", count: max(0, 13 - digits.count)) + digits
    }

    /// A request ID that came from outside, when it is one that may stand in a log: 1 to 64 letters, digits, `-`, `_` or `.`.
    public static func validated(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count) else { return nil }
        let fine = text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return fine ? text : nil
    }
}
