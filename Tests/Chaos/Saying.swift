import Foundation

/// A line of the report, shown at once though the output is a file.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    /// As `1.23 s`.
    var text: String { String(format: "%.2f s", inSeconds) }
}

/// How often each of some things happened, by name.
struct Tally: Sendable {
    private(set) var counts: [String: Int] = [:]

    mutating func add(_ name: String, _ count: Int = 1) { counts[name, default: 0] += count }

    subscript(_ name: String) -> Int { counts[name] ?? 0 }

    var text: String { counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") }
}
