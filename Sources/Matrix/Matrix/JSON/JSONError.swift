/// Why a text is not JSON, or not the JSON that was asked for.
public enum JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text is not JSON, from this byte on.
    case malformed(String, at: Int)
    /// The text is JSON, the value is not what canonical JSON allows.
    case notCanonical(String)

    public var description: String {
        switch self {
        case .malformed(let reason, let offset): "\(reason) at byte \(offset)"
        case .notCanonical(let reason): reason
        }
    }

    /// What a client is told: M_NOT_JSON, or M_BAD_JSON.
    public var asMatrixError: MatrixError {
        switch self {
        case .malformed: .notJSON("Not JSON: \(self)")
        case .notCanonical: .badJSON("Not canonical JSON: \(self)")
        }
    }
}

/// How a text is read.
public struct JSONReading: Sendable {
    /// How deep arrays and objects may nest; at most 256.
    public var depthLimit: Int
    /// Whether only what [canonical JSON](https://spec.matrix.org/v1.19/appendices/#canonical-json) can say is taken:
    /// integers within ±(2^53−1), no fractions, no exponents, no negative zero, no key twice.
    /// (White space and the order of keys are free: they are changed by writing the canonical form, and lose nothing.)
    /// Otherwise the last of several members with one key counts.
    public var canonicalValues: Bool

    public init(depthLimit: Int = 100, canonicalValues: Bool = false) {
        self.depthLimit = min(max(depthLimit, 1), 256)
        self.canonicalValues = canonicalValues
    }

    public static let lenient = JSONReading()
    public static let canonical = JSONReading(canonicalValues: true)
    /// For what the homeserver tells itself: it carries what was taken from outside, each inside something of its own.
    public static let carried = JSONReading(depthLimit: 256)
}
