/// One value of a document, as a `Decoder`.
struct JSONValue: Decoder {
    let document: JSONDocument
    let node: Int

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The way to this value, found only when it is asked for.
    var codingPath: [any CodingKey] { document.view { $0.path(to: node) } }

    var kind: JSONNode.Kind { document.nodes[node].kind }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard kind == .object else { throw mismatch([String: JSON].self, "an object") }
        return KeyedDecodingContainer(JSONMembers<Key>(object: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard kind == .array else { throw mismatch([JSON].self, "an array") }
        return JSONElements(array: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "expected \(expected), found \(kind.noun)"))
    }

    var raw: RawJSON { RawJSON(trusted: Array(document.bytes[document.nodes[node].range])) }
}

extension JSONValue: SingleValueDecodingContainer {
    func decodeNil() -> Bool { kind == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        switch kind {
        case .true: true
        case .false: false
        default: throw mismatch(type, "a boolean")
        }
    }

    func decode(_ type: String.Type) throws -> String {
        guard let text = document.view({ $0.stringIfString(node) }) else { throw mismatch(type, "a string") }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let value = document.view({ $0.double(node) }) else { throw mismatch(type, "a number") }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    /// An integer; also one that is written as a double (`1.0`), or lies beyond `Int64`.
    private func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
        switch kind {
        case .integer: if let value = document.view({ $0.integer(node) }).flatMap({ Integer(exactly: $0) }) { return value }
        case .double:
            let text = String(decoding: document.bytes[document.nodes[node].range], as: UTF8.self)
            if let value = Integer(text) ?? Double(text).flatMap({ Integer(exactly: $0) }) { return value }
        default: throw mismatch(type, "an integer")
        }
        throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "expected an integer in range"))
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if type == RawJSON.self, let raw = raw as? T { return raw }
        if type == JSON.self, let json = document.view({ $0.json(node) }) as? T { return json }
        if type == JSONObject.self {
            guard kind == .object else { throw mismatch(type, "an object") }
            if let object = document.view({ $0.object(node) }) as? T { return object }
        }
        return try T(from: self)
    }
}

extension JSONNode.Kind {
    var noun: String {
        switch self {
        case .null: "null"
        case .true, .false: "a boolean"
        case .integer, .double: "a number"
        case .string, .escapedString: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONView {
    func path(to target: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var node = 0
        while node != target {
            var next: Int?
            switch nodes[node].kind {
            case .object:
                forEachMember(of: node) { key, value in
                    if value <= target, target < Int(nodes[value].next) {
                        path.append(JSONKey(stringValue: string(key)))
                        next = value
                    }
                }
            case .array:
                var index = 0
                forEachElement(of: node) { element in
                    if element <= target, target < Int(nodes[element].next) {
                        path.append(JSONKey(intValue: index))
                        next = element
                    }
                    index += 1
                }
            default: break
            }
            guard let next else { return path }
            node = next
        }
        return path
    }
}
