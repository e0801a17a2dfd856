/// A comparison with the number of a room's members, as `room_member_count` writes it: `2`, `>=10`.
public struct MemberCount: Sendable, Hashable {
    private enum Comparison: String, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case equal = "=="
        case more = ">"
        case fewer = "<"
        case plain = ""
    }

    private let comparison: Comparison
    private let number: Int

    /// Nil when `text` is no such comparison.
    public init?(_ text: String) {
        let comparison = Comparison.allCases.first { text.hasPrefix($0.rawValue) } ?? .plain
        let digits = text.dropFirst(comparison.rawValue.count)
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let number = Int(digits) else {
            return nil
        }
        self.comparison = comparison
        self.number = number
    }

    public func holds(for count: Int) -> Bool {
        switch comparison {
        case .atLeast: count >= number
        case .atMost: count <= number
        case .equal, .plain: count == number
        case .more: count > number
        case .fewer: count < number
        }
    }
}
