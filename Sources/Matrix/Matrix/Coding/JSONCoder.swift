/// `Codable` over this module's reader and writer. `JSON`, `JSONObject` and `RawJSON` pass through as the text they are.
public enum JSONCoder {
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let sink = JSONSink()
        try sink.encode(value)
        return sink.finish()
    }

    /// Reads a `T`. What is not JSON is M_NOT_JSON, what is not a `T` M_BAD_JSON with the path and what was expected there.
    ///
    /// What comes from outside is read as `.lenient`: a value that is taken only just must still be readable with the
    /// homeserver's own wrapping around it.
    public static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8], _ reading: JSONReading = .carried) throws -> T {
        do {
            return try JSONValue(document: JSONDocument(reading: bytes, reading), node: 0).decode(type)
        } catch let error as JSONError {
            throw error.asMatrixError
        } catch let error as DecodingError {
            throw MatrixError.badJSON(error.sentence)
        }
    }

    public static func decode<T: Decodable>(_ type: T.Type, from json: RawJSON) throws -> T {
        try decode(type, from: json.bytes)
    }

    public static func decode<T: Decodable>(_ type: T.Type, from json: JSON) throws -> T {
        try decode(type, from: json.serialized())
    }
}

extension DecodingError {
    /// For the client: where, and what was expected.
    var sentence: String {
        switch self {
        case .keyNotFound(let key, let context): "Missing \(path(context.codingPath + [key]))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath.isEmpty ? context.debugDescription : "\(path(context.codingPath)): \(context.debugDescription)"
        @unknown default: "Bad JSON"
        }
    }

    private func path(_ keys: [any CodingKey]) -> String {
        keys.map { key in key.intValue.map(String.init) ?? key.stringValue }.joined(separator: ".")
    }
}

/// A key or an index on the way to a value.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}
