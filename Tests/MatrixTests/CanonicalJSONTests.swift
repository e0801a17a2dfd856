import Matrix
import TestSupport
import Testing

@Suite struct CanonicalJSONTests {
    struct Vector: Decodable, Sendable {
        let input: String
        let canonical: String
    }

    @Test func theSpecificationsExamplesComeOut() throws {
        let vectors = try JSONCoder.decode([Vector].self, from: vector("json/canonical.json"))
        #expect(vectors.count == 10)
        for vector in vectors {
            let canonical = try JSON(parsing: vector.input).canonical()
            #expect(String(decoding: canonical, as: UTF8.self) == vector.canonical)
        }
    }

    @Test(arguments: ["9007199254740992", "-9007199254740992", "1.5", "1e400", "1e16"])
    func whatItCannotSayIsRefused(_ number: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: #"{"a":\#(number)}"#).canonical() }
    }

    @Test(arguments: ["9007199254740992", "-9007199254740992", "1.0", "1e2", "-0", "99999999999999999999"])
    func strictReadingRefusesOtherSpellings(_ number: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: #"{"a":\#(number)}"#, .canonical) }
    }

    @Test func theLimitsThemselvesAreTaken() throws {
        let text = #"{"a":9007199254740991,"b":-9007199254740991,"c":0}"#
        #expect(try JSON(parsing: text, .canonical).canonical() == Array(text.utf8))
    }

    @Test func aKeyTwiceIsRefusedStrictlyAndTheLastCountsOtherwise() throws {
        let text = #"{"a":1,"b":2,"\u0061":3}"#
        #expect(throws: JSONError.notCanonical("an object has a key twice")) { try JSON(parsing: text, .canonical) }
        #expect(try JSON(parsing: text) == ["a": 3, "b": 2])
    }

    @Test func keysAreSortedByCodePoint() throws {
        // By UTF-16 unit the second would come first.
        let text = #"{"\#u{1F600}":1,"\#u{FFFD}":2}"#
        #expect(try JSON(parsing: text).canonical() == Array("{\"\u{FFFD}\":2,\"\u{1F600}\":1}".utf8))
    }

    @Test func controlCharactersHaveTheirOneSpelling() throws {
        let json = try JSON(parsing: #""\u0000\u0008\u0009\u000A\u000c\u000D\u001F\u007f\/\"\\""#)
        #expect(try json.canonical() == Array("\"\\u0000\\b\\t\\n\\f\\r\\u001f\u{7F}/\\\"\\\\\"".utf8))
    }

    @Test func spellingsOfOneCharacterAreTwoKeys() throws {
        let json = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}", .canonical)
        #expect(json.object?.count == 2)
        #expect(json["\u{E9}"] == 1)
        #expect(json["e\u{301}"] == 2)
        #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
    }
}
