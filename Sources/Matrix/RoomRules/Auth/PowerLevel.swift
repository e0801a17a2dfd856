/// How much a user may do, or how much an action asks for; a creator of a version 12 room is above every number.
public enum PowerLevel: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    case value(Int64)
    case infinite

    public init(integerLiteral value: Int64) { self = .value(value) }

    /// The number, when it is one.
    public var value: Int64? {
        if case .value(let value) = self { value } else { nil }
    }

    public var description: String {
        switch self {
        case .value(let value): String(value)
        case .infinite: "infinite"
        }
    }
}
