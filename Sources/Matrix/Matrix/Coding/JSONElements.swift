/// An array's elements, as an unkeyed container.
struct JSONElements: UnkeyedDecodingContainer {
    private let array: JSONValue
    private let end: Int
    private var next: Int
    private(set) var currentIndex = 0

    init(array: JSONValue) {
        self.array = array
        next = array.node + 1
        end = Int(array.document.nodes[array.node].next)
    }

    var codingPath: [any CodingKey] { array.codingPath }
    var isAtEnd: Bool { next >= end }

    var count: Int? {
        array.document.view { view in
            var count = 0
            view.forEachElement(of: array.node) { _ in count += 1 }
            return count
        }
    }

    private func current() throws -> JSONValue {
        guard !isAtEnd else {
            let expected = "expected more than \(currentIndex) elements"
            throw DecodingError.valueNotFound(JSON.self, .init(codingPath: codingPath, debugDescription: expected))
        }
        return JSONValue(document: array.document, node: next)
    }

    private mutating func advance() {
        next = Int(array.document.nodes[next].next)
        currentIndex += 1
    }

    mutating func decodeNil() throws -> Bool {
        guard try current().decodeNil() else { return false }
        advance()
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try current().decode(type)
        advance()
        return value
    }

    mutating func decode(_ type: String.Type) throws -> String {
        let value = try current().decode(type)
        advance()
        return value
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let container = try current().container(keyedBy: type)
        advance()
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try current().unkeyedContainer()
        advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try current()
        advance()
        return decoder
    }
}
