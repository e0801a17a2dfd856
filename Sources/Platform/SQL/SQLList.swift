/// A list of values, bound as one parameter.
public enum SQLList: Sendable, Equatable {
    case integers([Int64])
    case texts([String])
}

/// A collection that can be bound to `anyOf:`.
public protocol SQLListConvertible {
    var sqlList: SQLList { get }
}

/// What lists are made of.
public protocol SQLListElement {
    static func sqlList(_ elements: some Sequence<Self>) -> SQLList
}

extension Int64: SQLListElement {
    public static func sqlList(_ elements: some Sequence<Int64>) -> SQLList { .integers(Array(elements)) }
}

extension Int: SQLListElement {
    public static func sqlList(_ elements: some Sequence<Int>) -> SQLList { .integers(elements.map(Int64.init)) }
}

extension String: SQLListElement {
    public static func sqlList(_ elements: some Sequence<String>) -> SQLList { .texts(Array(elements)) }
}

extension Array: SQLListConvertible where Element: SQLListElement {
    public var sqlList: SQLList { Element.sqlList(self) }
}

extension Set: SQLListConvertible where Element: SQLListElement {
    public var sqlList: SQLList { Element.sqlList(self) }
}

extension ArraySlice: SQLListConvertible where Element: SQLListElement {
    public var sqlList: SQLList { Element.sqlList(self) }
}

extension SQLList {
    /// The list as SQLite's `json_each` reads it.
    func json() throws -> String {
        switch self {
        case .integers(let list):
            return "[" + list.map(String.init).joined(separator: ",") + "]"
        case .texts(let list):
            var json = "["
            for (index, text) in list.enumerated() {
                try SQLValue.refuseZero(in: text)
                if index > 0 { json += "," }
                json += quoted(text)
            }
            return json + "]"
        }
    }

    private func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        bytes.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00".utf8) + Self.hex(byte)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
