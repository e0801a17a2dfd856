/// Durations as Go writes them: `168h0m0s`, `1.5h`, `300ms`, `-2m`.
enum GoDuration {
    /// Nanoseconds in each unit.
    private static let units: [String: Int64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]

    /// Nil when `text` is no duration, or one that 64 bits of nanoseconds do not hold.
    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var negative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            negative = sign == "-"
            rest.removeFirst()
        }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }

        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = takePart(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        return .nanoseconds(negative ? -total : total)
    }

    /// Takes one number with its unit off the front, in nanoseconds.
    private static func takePart(_ rest: inout Substring) -> Int64? {
        let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        rest = rest[number.endIndex...]
        let unitName = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
        rest = rest[unitName.endIndex...]
        guard let unit = units[String(unitName)], number.contains(where: \.isNumber) else { return nil }

        let pieces = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = pieces.first.map({ $0.isEmpty ? 0 : Int64($0) }) ?? nil else { return nil }
        let (nanoseconds, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        guard pieces.count == 2, let fraction = pieces.last, !fraction.isEmpty else { return nanoseconds }
        guard let share = Double("0.\(fraction)") else { return nil }
        let (sum, carried) = nanoseconds.addingReportingOverflow(Int64(share * Double(unit)))
        return carried ? nil : sum
    }
}
