/// An object being written.
struct JSONObjectEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let sink: JSONSink
    private let id: Int
    private let depth: Int

    init(sink: JSONSink) {
        self.sink = sink
        id = sink.begin(isObject: true)
        depth = sink.depth
    }

    var codingPath: [any CodingKey] { [] }

    private func value(_ key: Key) throws -> JSONValueEncoder {
        try sink.separate(id, depth: depth, key: key.stringValue)
        return JSONValueEncoder(sink: sink)
    }

    func encodeNil(forKey key: Key) throws { try value(key).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: String, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Double, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Float, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Int, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Int8, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Int16, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Int32, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: Int64, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: UInt, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: UInt8, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: UInt16, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: UInt32, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode(_ value: UInt64, forKey key: Key) throws { try self.value(key).encode(value) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try self.value(key).encode(value) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        open(key)
        return KeyedEncodingContainer(JSONObjectEncoding<NestedKey>(sink: sink))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        open(key)
        return JSONArrayEncoding(sink: sink)
    }

    func superEncoder() -> any Encoder {
        if let key = Key(stringValue: "super") { open(key) }
        return JSONValueEncoder(sink: sink)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        open(key)
        return JSONValueEncoder(sink: sink)
    }

    /// Nested containers cannot refuse; only our own code can misuse them.
    private func open(_ key: Key) {
        do { try sink.separate(id, depth: depth, key: key.stringValue) } catch { preconditionFailure("\(error)") }
    }
}

/// An array being written.
struct JSONArrayEncoding: UnkeyedEncodingContainer {
    private let sink: JSONSink
    private let id: Int
    private let depth: Int
    private(set) var count = 0

    init(sink: JSONSink) {
        self.sink = sink
        id = sink.begin(isObject: false)
        depth = sink.depth
    }

    var codingPath: [any CodingKey] { [] }

    private mutating func element() throws -> JSONValueEncoder {
        try sink.separate(id, depth: depth)
        count += 1
        return JSONValueEncoder(sink: sink)
    }

    mutating func encodeNil() throws { try element().encodeNil() }
    mutating func encode(_ value: String) throws { try element().encode(value) }
    mutating func encode<T: Encodable>(_ value: T) throws { try element().encode(value) }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(JSONObjectEncoding<Key>(sink: open()))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { JSONArrayEncoding(sink: open()) }
    mutating func superEncoder() -> any Encoder { JSONValueEncoder(sink: open()) }

    private mutating func open() -> JSONSink {
        do { return try element().sink } catch { preconditionFailure("\(error)") }
    }
}
