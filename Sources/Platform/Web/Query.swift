import Matrix

/// A query string's fields, decoded; a field may stand several times.
public struct Query: Sendable {
    private let pairs: [(name: String, value: String)]
    /// Whether something in it was not valid percent-encoded UTF-8; the server refuses such a request.
    let isMalformed: Bool

    public init(_ raw: String = "") {
        var pairs: [(String, String)] = []
        var malformed = false
        for pair in raw.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(parts[0], plusIsSpace: true),
                let value = parts.count > 1 ? percentDecoded(parts[1], plusIsSpace: true) : ""
            else {
                malformed = true
                continue
            }
            pairs.append((name, value))
        }
        self.pairs = pairs
        isMalformed = malformed
    }

    public subscript(_ name: String) -> String? { first(name) }

    public func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    public func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// A whole number, absent when the field is; anything else is `M_INVALID_PARAM`.
    public func integer(_ name: String) throws -> Int? {
        guard let text = first(name) else { return nil }
        guard let number = Int(text) else { throw invalid(name, "is not a whole number") }
        return number
    }

    /// `true` or `false`, absent when the field is; anything else is `M_INVALID_PARAM`.
    public func bool(_ name: String) throws -> Bool? {
        switch first(name) {
        case nil: nil
        case "true": true
        case "false": false
        default: throw invalid(name, "is neither true nor false")
        }
    }

    /// The value of a field that must be there, or `M_MISSING_PARAM`.
    public func require(_ name: String) throws -> String {
        guard let value = first(name) else {
            throw MatrixError.missingParam("Missing query parameter \(name)")
        }
        return value
    }

    private func invalid(_ name: String, _ what: String) -> MatrixError {
        .invalidParam("Query parameter \(name) \(what)")
    }
}
