public import HTTPTypes

/// Header fields by name, in any case of letters.
public struct Headers: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public var fields: HTTPFields

    public init(_ fields: HTTPFields = [:]) { self.fields = fields }

    public init(dictionaryLiteral elements: (String, String)...) {
        fields = [:]
        for (name, value) in elements { add(name, value) }
    }

    /// The field's value (several are joined by commas); setting replaces all of them. A name that is no token is absent.
    public subscript(_ name: String) -> String? {
        get { HTTPField.Name(name).flatMap { fields[$0] } }
        set { if let name = HTTPField.Name(name) { fields[name] = newValue } }
    }

    /// Every value of a field which may stand several times.
    public func all(_ name: String) -> [String] { HTTPField.Name(name).map { fields[values: $0] } ?? [] }

    public mutating func add(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
}
