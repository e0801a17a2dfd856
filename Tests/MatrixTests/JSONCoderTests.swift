import Foundation
import Matrix
import Testing

@Suite struct JSONCoderTests {
    struct Everything: Codable, Equatable {
        enum Kind: String, Codable { case one, two }
        struct Part: Codable, Equatable { var name: String }
        var bool: Bool
        var int: Int
        var unsigned: UInt64
        var double: Double
        var text: String
        var absent: String?
        var kind: Kind
        var parts: [Part]
        var byName: [String: Part]
        var json: JSON
        var object: JSONObject
        var raw: RawJSON
        var user: UserID
        var nested: [[Int]]
    }

    let everything = Everything(
        bool: true, int: -5, unsigned: .max, double: 1.5, text: "a\"b\u{E9}", absent: nil, kind: .two,
        parts: [.init(name: "x"), .init(name: "y")], byName: ["k": .init(name: "z")], json: ["a": [1, nil]], object: ["b": 2],
        raw: RawJSON(["c": 3] as JSON), user: UserID("@a:b")!, nested: [[1, 2], [], [3]]
    )

    @Test func whatIsEncodedIsDecoded() throws {
        let bytes = try JSONCoder.encode(everything)
        #expect(throws: Never.self) { try JSON(parsing: bytes) }
        let decoded = try JSONCoder.decode(Everything.self, from: bytes)
        #expect(decoded == everything)
    }

    @Test func foundationReadsIt() throws {
        var plain = everything
        plain.unsigned = 7
        let decoded = try JSONDecoder().decode(Everything.self, from: Data(JSONCoder.encode(plain)))
        #expect(decoded == plain)
        #expect(try JSONCoder.decode(Everything.self, from: Array(JSONEncoder().encode(plain))) == plain)
    }

    @Test func rawJSONPassesVerbatim() throws {
        struct Envelope: Codable { var event: RawJSON; var events: [RawJSON]; var byName: [String: RawJSON] }
        let text = #"{"event":{"b" : 1.0,"a":"\u0041"},"events":[ 1 ,"x"],"byName":{"k":[ ]}}"#
        let envelope = try JSONCoder.decode(Envelope.self, from: Array(text.utf8))
        #expect(envelope.event.description == #"{"b" : 1.0,"a":"\u0041"}"#)
        #expect(envelope.events.map(\.description) == ["1", "\"x\""])
        #expect(envelope.byName["k"]?.description == "[ ]")
        let encoded = String(decoding: try JSONCoder.encode(envelope), as: UTF8.self)
        #expect(encoded == #"{"event":{"b" : 1.0,"a":"\u0041"},"events":[1,"x"],"byName":{"k":[ ]}}"#)
    }

    struct Body: Codable, Equatable {
        struct Inner: Codable, Equatable { var limit: Int }
        var name: String
        var list: [Inner]?
    }

    private func refusal(_ text: String) -> MatrixError? {
        do {
            _ = try JSONCoder.decode(Body.self, from: Array(text.utf8))
            return nil
        } catch { return error as? MatrixError }
    }

    @Test func refusalsSayWhereAndWhat() {
        #expect(refusal("{")?.errcode == "M_NOT_JSON")
        #expect(refusal("{}") == .badJSON("Missing name"))
        #expect(refusal(#"{"name":1}"#) == .badJSON("name: expected a string, found a number"))
        #expect(refusal(#"{"name":null}"#) == .badJSON("name: expected a string, found null"))
        #expect(refusal("[]") == .badJSON("expected an object, found an array"))
        let deep = #"{"name":"a","list":[{"limit":1},{"limit":"x"}]}"#
        #expect(refusal(deep) == .badJSON("list.1.limit: expected an integer, found a string"))
        #expect(refusal(#"{"name":"a","list":[{"limit":1e30}]}"#) == .badJSON("list.0.limit: expected an integer in range"))
        #expect(refusal(#"{"name":"a","list":[{"limit":1.5}]}"#) == .badJSON("list.0.limit: expected an integer in range"))
        #expect(refusal(#"{"name":"a","list":[{}]}"#) == .badJSON("Missing list.0.limit"))
    }

    @Test func nullAndAbsenceAreNoValue() throws {
        #expect(try JSONCoder.decode(Body.self, from: Array(#"{"name":"a","list":null}"#.utf8)) == Body(name: "a"))
        #expect(try JSONCoder.decode(Body.self, from: Array(#"{"name":"a","more":{}}"#.utf8)) == Body(name: "a"))
    }

    @Test func ofEqualKeysTheLastCountsInSmallAndLargeObjects() throws {
        #expect(try JSONCoder.decode(Body.self, from: Array(#"{"name":"a","na\u006de":"b"}"#.utf8)).name == "b")
        let padding = (0..<100).map { "\"k\($0)\":0," }.joined()
        #expect(try JSONCoder.decode(Body.self, from: Array("{\"name\":\"a\",\(padding)\"name\":\"b\"}".utf8)).name == "b")
    }

    @Test func largeDictionariesComeBack() throws {
        let dictionary = Dictionary(uniqueKeysWithValues: (0..<5_000).map { ("key \($0)", $0) })
        #expect(try JSONCoder.decode([String: Int].self, from: JSONCoder.encode(dictionary)) == dictionary)
    }

    @Test func emptyStructuresAreEmptyObjects() throws {
        struct Nothing: Codable {}
        #expect(try JSONCoder.encode(Nothing()) == Array("{}".utf8))
        #expect(try JSONCoder.encode([Nothing(), Nothing()]) == Array("[{},{}]".utf8))
        #expect(throws: Never.self) { try JSONCoder.decode(Nothing.self, from: Array("{}".utf8)) }
    }

    @Test func errorsKeepTheirFields() throws {
        let error = MatrixError.limitExceeded(retryAfterMS: 500)
        let bytes = try JSONCoder.encode(error)
        #expect(bytes == Array(#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests","retry_after_ms":500}"#.utf8))
        #expect(try JSONCoder.decode(MatrixError.self, from: bytes) == error)
        #expect(MatrixError(status: 418, body: bytes).status == 418)
        #expect(MatrixError(status: 502, body: Array("<html>".utf8)).errcode == "M_UNKNOWN")
    }

    @Test func enumerationsWithPayloadsComeBack() throws {
        enum Choice: Codable, Equatable { case none, one(Int), two(name: String, other: [String]) }
        let choices: [Choice] = [.none, .one(1), .two(name: "x", other: ["y"])]
        #expect(try JSONCoder.decode([Choice].self, from: JSONCoder.encode(choices)) == choices)
    }

    @Test func integerKeysAndOptionalElementsComeBack() throws {
        let values: [Int: [String?]] = [1: ["a", nil], 2: []]
        #expect(try JSONCoder.decode([Int: [String?]].self, from: JSONCoder.encode(values)) == values)
    }
}
