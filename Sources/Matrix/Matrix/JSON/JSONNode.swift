/// One value, or one key, of a text that was read.
package struct JSONNode: Sendable {
    package enum Kind: UInt8, Sendable { case null, `true`, `false`, integer, double, string, escapedString, array, object }

    package let kind: Kind
    /// Of a string: inside the quotation marks.
    let start: UInt32
    var end: UInt32
    /// The node after this one and all that is in it.
    var next: UInt32

    init(kind: Kind, start: Int, end: Int, next: Int) {
        self.kind = kind
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
    }

    package var isString: Bool { kind == .string || kind == .escapedString }

    /// Where the value stands in the text, quotation marks included.
    package var range: Range<Int> { isString ? Int(start) - 1..<Int(end) + 1 : Int(start)..<Int(end) }
}

/// A text that was read, for as long as its bytes are at hand.
package struct JSONView {
    let input: UnsafeBufferPointer<UInt8>
    let nodes: UnsafeBufferPointer<JSONNode>

    /// The nodes of the members of an object: each key's, its value follows.
    @inline(__always)
    package func forEachMember(of object: Int, _ body: (_ key: Int, _ value: Int) throws -> Void) rethrows {
        let end = Int(nodes[object].next)
        var key = object + 1
        while key < end {
            let value = key + 1
            try body(key, value)
            key = Int(nodes[value].next)
        }
    }

    @inline(__always)
    package func forEachElement(of array: Int, _ body: (Int) throws -> Void) rethrows {
        let end = Int(nodes[array].next)
        var element = array + 1
        while element < end {
            try body(element)
            element = Int(nodes[element].next)
        }
    }

    @inline(__always)
    func text(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: input[Int(node.start)..<Int(node.end)])
    }

    /// Where a value stands in the text.
    func range(of index: Int) -> Range<Int> { nodes[index].range }

    package func kind(_ index: Int) -> JSONNode.Kind { nodes[index].kind }

    /// The text of a string or key.
    package func string(_ index: Int) -> String {
        let node = nodes[index]
        if node.kind == .escapedString { return input.unescaped(from: Int(node.start), to: Int(node.end)) }
        return String(decoding: text(node), as: UTF8.self)
    }

    /// The text of a string, nil when the value is something else.
    package func stringIfString(_ index: Int) -> String? { nodes[index].isString ? string(index) : nil }

    package func integer(_ index: Int) -> Int64? {
        let node = nodes[index]
        guard node.kind == .integer else { return nil }
        var position = Int(node.start)
        let isNegative = input[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var value: Int64 = 0
        while position < Int(node.end) {
            value = value &* 10 &- Int64(input[position] &- 0x30)
            position += 1
        }
        return isNegative ? value : 0 &- value
    }

    func double(_ index: Int) -> Double? {
        let node = nodes[index]
        switch node.kind {
        case .double: return Double(String(decoding: text(node), as: UTF8.self))
        case .integer: return integer(index).map(Double.init)
        default: return nil
        }
    }

    /// Whether a key is this one.
    @inline(__always)
    package func key(_ index: Int, is name: StaticString) -> Bool {
        key(index, is: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    @inline(__always)
    func key(_ index: Int, is name: UnsafeBufferPointer<UInt8>) -> Bool {
        let node = nodes[index]
        if node.kind == .escapedString { return Array(string(index).utf8).elementsEqual(name) }
        return Int(node.end - node.start) == name.count && compareBytes(text(node), name) == 0
    }

    /// The order of two keys, by their bytes.
    func compareKeys(_ left: Int, _ right: Int) -> Int {
        if nodes[left].kind == .string, nodes[right].kind == .string {
            return compareBytes(text(nodes[left]), text(nodes[right]))
        }
        return string(left).compareBytes(to: string(right))
    }

    func hasDuplicateKey(at object: Int) -> Bool {
        let keys = sortedKeys(of: object)
        return zip(keys, keys.dropFirst()).contains { compareKeys($0, $1) == 0 }
    }

    /// The keys of an object in order; those that are equal, in the order of the text.
    func sortedKeys(of object: Int) -> [Int] {
        var keys: [Int] = []
        var isAscending = true
        forEachMember(of: object) { key, _ in
            if isAscending, let last = keys.last, compareKeys(last, key) >= 0 { isAscending = false }
            keys.append(key)
        }
        if !isAscending {
            keys.sort {
                let order = compareKeys($0, $1)
                return order == 0 ? $0 < $1 : order < 0
            }
        }
        return keys
    }

    /// The keys of an object in order, each once: of equal ones the last.
    func distinctKeys(of object: Int) -> [Int] {
        let keys = sortedKeys(of: object)
        var hasDuplicate = false
        for index in keys.indices.dropLast() where compareKeys(keys[index], keys[index + 1]) == 0 {
            hasDuplicate = true
            break
        }
        guard hasDuplicate else { return keys }
        return keys.indices.filter { $0 == keys.count - 1 || compareKeys(keys[$0], keys[$0 + 1]) != 0 }.map { keys[$0] }
    }

    package func json(_ index: Int) -> JSON {
        switch nodes[index].kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .integer: return .integer(integer(index) ?? 0)
        case .double: return .double(double(index) ?? 0)
        case .string, .escapedString: return .string(string(index))
        case .object: return .object(object(index))
        case .array:
            var elements: [JSON] = []
            forEachElement(of: index) { elements.append(json($0)) }
            return .array(elements)
        }
    }

    package func object(_ index: Int) -> JSONObject {
        let keys = distinctKeys(of: index)
        return JSONObject(sorted: keys.map { JSONObject.Member(key: string($0), value: json($0 + 1)) })
    }
}
