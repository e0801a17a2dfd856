import Foundation
import Matrix
import RoomRules

/// What mutation begins with: the vectors of the tests, and a little of everything that is odd.
enum Seeds {
    private static func vectors(_ path: String) throws -> JSON {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appendingPathComponent("Vectors").appendingPathComponent(path))
        return try JSON(parsing: Array(data))
    }

    /// The specification's examples.
    static func json() throws -> [[UInt8]] {
        let canonical = try vectors("json/canonical.json").array?.compactMap { $0["input"]?.string }.map { Array($0.utf8) } ?? []
        return canonical + (try vectors("signing/signing.json")).values.prefix(20).map { $0.serialized() }
    }

    /// Events of every room version that the vectors have, and of a room of each version that is made here.
    static func events() throws -> [(version: RoomVersion, bytes: [UInt8])] {
        let vectors: [(RoomVersion, [UInt8])] = try vectors("events/ids.json").array?.compactMap { entry in
            guard let version = entry["room_version"]?.string.flatMap({ RoomVersion($0) }), let event = entry["pdu"] else { return nil }
            return (version, event.serialized())
        } ?? []
        return try vectors + RoomVersion.allCases.flatMap { version in
            try SeedRoom(version: version).events.map { (version, $0.bytes) }
        }
    }

    static let oddJSON: [[UInt8]] = [
        "", " ", "0", "-0", "1.0", "1e2", "123456789012345678901234567890", "9007199254740991", "-9007199254740992", "\"\\ud83d\\ude00\"",
        "{\"a\":1,\"a\":2}", "{\"\\u0061\":1,\"a\":2}", "{\"\":{\"\":{}}}", "[[[[[[[[]]]]]]]]", "[1,2.5,-3e4,true,false,null,\"x\",{},[]]",
        "{\"é\":1,\"e\u{301}\":2,\"\u{FFFD}\":3,\"😀\":4,\"\u{FB33}\":5}", " {\n\t\"b\" : [ 1 , 2 ] ,\r\n \"a\" : \"\\u0000\\b\\f\\/\" } ",
        String(repeating: "[", count: 99) + String(repeating: "]", count: 99),
        String(repeating: "{\"a\":", count: 60) + "1" + String(repeating: "}", count: 60),
    ].map { Array($0.utf8) }
}

extension JSON {
    /// The values of an object or array, and theirs.
    fileprivate var values: [JSON] {
        switch self {
        case .array(let elements): elements + elements.flatMap(\.values)
        case .object(let object): object.values + object.values.flatMap(\.values)
        default: []
        }
    }
}
