import Matrix

/// What stood where a path's template has `{name}`, percent-decoded.
public struct Parameters: Sendable, Equatable {
    private var pairs: [(name: String, value: String)] = []

    public init() {}

    public init(_ values: [String: String]) { pairs = values.map { ($0.key, $0.value) } }

    mutating func append(_ name: String, _ value: String) { pairs.append((name, value)) }

    /// The value of a parameter which the endpoint's template has.
    public subscript(_ name: String) -> String {
        get throws {
            guard let value = optional(name) else {
                throw MatrixError.missingParam("Missing path parameter \(name)")
            }
            return value
        }
    }

    /// The value of a parameter which only some of the templates that share a handler have.
    public func optional(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    public static func == (a: Parameters, b: Parameters) -> Bool {
        a.pairs.count == b.pairs.count && zip(a.pairs, b.pairs).allSatisfy { $0 == $1 }
    }
}
