/// A JSON value as the text it came as. It passes through `JSONCoder` verbatim, without being parsed again.
public struct RawJSON: Sendable, Hashable {
    public let bytes: [UInt8]

    public init(validating bytes: [UInt8], _ reading: JSONReading = .carried) throws(JSONError) {
        _ = try JSONDocument(reading: bytes, reading)
        self.bytes = bytes
    }

    // Disfavoured, so that a dictionary literal is an object.
    @_disfavoredOverload
    public init(_ json: JSON) { bytes = json.serialized() }
    public init(_ object: JSONObject) { bytes = object.serialized() }

    /// `bytes` are JSON: part of a text that was read, or written by a writer.
    package init(trusted bytes: [UInt8]) { self.bytes = bytes }

    /// An empty object.
    public static let emptyObject = RawJSON(trusted: Array("{}".utf8))

    public func parsed() -> JSON { (try? JSON(parsing: bytes, .carried)) ?? .null }

    /// The value, when it is an object.
    public var object: JSONObject? { parsed().object }
}

extension RawJSON: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
