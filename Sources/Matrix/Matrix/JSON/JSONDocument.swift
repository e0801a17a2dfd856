/// A JSON text with notes of where its values are.
package final class JSONDocument: Sendable {
    package let bytes: [UInt8]
    package let nodes: [JSONNode]

    package init(reading bytes: [UInt8], _ reading: JSONReading = .lenient) throws(JSONError) {
        self.bytes = bytes
        let result = bytes.withUnsafeBufferPointer { input -> Result<[JSONNode], JSONError> in
            let reader = JSONReader(input, reading)
            do throws(JSONError) { return .success(try reader.read()) } catch { return .failure(error) }
        }
        nodes = try result.get()
    }

    package func view<Result>(_ body: (JSONView) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { input in
            try nodes.withUnsafeBufferPointer { nodes in try body(JSONView(input: input, nodes: nodes)) }
        }
    }

    /// The value of a member, when the document is an object that has it.
    package func member(_ key: String) -> JSON? {
        var key = key
        return key.withUTF8 { name in
            view { view in view.kind(0) == .object ? view.find(name, in: 0).map { view.json($0) } : nil }
        }
    }
}

extension JSON {
    /// Reads a text. Depth is limited, UTF-8 and surrogates are checked; the caller bounds the size.
    public init(parsing bytes: some Collection<UInt8>, _ reading: JSONReading = .lenient) throws(JSONError) {
        let document = try JSONDocument(reading: (bytes as? [UInt8]) ?? Array(bytes), reading)
        self = document.view { $0.json(0) }
    }

    public init(parsing text: String, _ reading: JSONReading = .lenient) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), reading)
    }
}
