import Matrix

/// The ways in which a room version lets a power level be written.
/// [Values as strings](https://spec.matrix.org/v1.19/rooms/v1/#mroompower_levels-events-accept-values-as-strings),
/// [values as floats](https://spec.matrix.org/v1.19/rooms/v1/#mroompower_levels-events-accept-values-as-floats)
struct LevelNotation {
    private let format: RoomVersionRules.PowerLevelFormat

    init(_ version: RoomVersion) { format = version.rules.powerLevelFormat }

    var integersOnly: Bool { format == .integers }

    /// The level that `json` stands for, or nil when it stands for none.
    func level(_ json: JSON) -> Int64? {
        switch json {
        case .integer(let integer): integer
        case .double(let double) where format == .integersDoublesAndStrings: Self.truncated(double)
        case .string(let string) where !integersOnly: Self.parsed(string)
        default: nil
        }
    }

    /// A float counts as the integer towards zero; one beyond 64 bits as the last integer on its side.
    private static func truncated(_ double: Double) -> Int64? {
        guard double.isFinite else { return nil }
        return Int64(exactly: double.rounded(.towardZero)) ?? (double < 0 ? .min : .max)
    }

    /// Spaces, one sign, and decimal digits; what passes 64 bits counts as the last integer on its side.
    private static func parsed(_ string: String) -> Int64? {
        var digits = string.drop(while: \.isWhitespace)
        while digits.last?.isWhitespace == true { digits.removeLast() }
        let negative = digits.first == "-"
        if negative || digits.first == "+" { digits.removeFirst() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return Int64((negative ? "-" : "") + digits) ?? (negative ? .min : .max)
    }
}
