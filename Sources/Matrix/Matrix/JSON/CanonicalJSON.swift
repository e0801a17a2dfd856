/// [Canonical JSON](https://spec.matrix.org/v1.19/appendices/#canonical-json): what is hashed and signed.
extension JSON {
    /// 2^53 − 1: the greatest integer, and negated the least, that canonical JSON can say.
    public static let greatestCanonicalInteger: Int64 = 9_007_199_254_740_991

    /// The canonical form. A number with the value of an integer in range is written as that integer; others are refused.
    public func canonical() throws(JSONError) -> [UInt8] { try canonicalValue().serialized() }

    /// This value as canonical JSON can say it.
    func canonicalValue() throws(JSONError) -> JSON {
        switch self {
        case .null, .bool, .string: return self
        case .integer(let value):
            guard value.magnitude <= Self.greatestCanonicalInteger.magnitude else {
                throw .notCanonical("an integer is out of range")
            }
            return self
        case .double(let value):
            guard let integer = Int64(exactly: value), integer.magnitude <= Self.greatestCanonicalInteger.magnitude else {
                throw .notCanonical("a number is not an integer in range")
            }
            return .integer(integer)
        case .array(let elements):
            var result: [JSON] = []
            result.reserveCapacity(elements.count)
            for element in elements { result.append(try element.canonicalValue()) }
            return .array(result)
        case .object(let object): return .object(try object.canonicalValue())
        }
    }
}

extension JSONObject {
    /// The canonical form.
    public func canonical() throws(JSONError) -> [UInt8] { try canonicalValue().serialized() }

    func canonicalValue() throws(JSONError) -> JSONObject {
        var result = members
        for index in result.indices { result[index].value = try result[index].value.canonicalValue() }
        return JSONObject(sorted: result)
    }
}
