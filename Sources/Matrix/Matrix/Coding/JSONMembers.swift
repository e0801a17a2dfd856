/// An object's members, as a keyed container. Of members with one key the last counts.
final class JSONMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let object: JSONValue
    /// The keys' nodes in order, made when there are too many to look through.
    private var index: [Int]?
    private static var indexedFrom: Int { 48 }

    init(object: JSONValue) {
        self.object = object
        let nodes = Int(object.document.nodes[object.node].next) - object.node
        if nodes > Self.indexedFrom { index = object.document.view { $0.distinctKeys(of: object.node) } }
    }

    var codingPath: [any CodingKey] { object.codingPath }

    var allKeys: [Key] {
        object.document.view { view in view.distinctKeys(of: object.node).compactMap { Key(stringValue: view.string($0)) } }
    }

    private func find(_ key: Key) -> JSONValue? {
        var name = key.stringValue
        let node = name.withUTF8 { name in
            object.document.view { view in index.map { view.find(name, among: $0) } ?? view.find(name, in: object.node) }
        }
        return node.map { JSONValue(document: object.document, node: $0) }
    }

    private func value(_ key: Key) throws -> JSONValue {
        guard let value = find(key) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "missing"))
        }
        return value
    }

    private func valueIfPresent(_ key: Key) -> JSONValue? {
        guard let value = find(key), value.kind != .null else { return nil }
        return value
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try value(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try value(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(key).decode(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try value(key).decode(type) }

    // The common optional ones with one look-up instead of three.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try valueIfPresent(key)?.decode(type) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try valueIfPresent(key)?.decode(type) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try valueIfPresent(key)?.decode(type) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try valueIfPresent(key)?.decode(type) }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { try valueIfPresent(key)?.decode(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try value(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try value(key).unkeyedContainer() }

    func superDecoder() throws -> any Decoder {
        guard let key = Key(stringValue: "super") else { return object }
        return try value(key)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }
}

extension JSONView {
    /// The value of the last member with this key.
    func find(_ name: UnsafeBufferPointer<UInt8>, in object: Int) -> Int? {
        var found: Int?
        forEachMember(of: object) { key, value in if self.key(key, is: name) { found = value } }
        return found
    }

    /// The same, among sorted keys.
    func find(_ name: UnsafeBufferPointer<UInt8>, among keys: [Int]) -> Int? {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            let node = nodes[keys[middle]]
            let order =
                node.kind == .string
                ? compareBytes(text(node), name)
                : Array(string(keys[middle]).utf8).withUnsafeBufferPointer { compareBytes($0, name) }
            if order == 0 { return keys[middle] + 1 }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}
