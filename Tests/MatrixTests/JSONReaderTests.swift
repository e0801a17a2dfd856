import Matrix
import Testing

@Suite struct JSONReaderTests {
    @Test(arguments: [
        "", " ", "nul", "truee", "{", "}", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "[1 2]", "1 2", "'a'",
        "01", "-", "+1", ".5", "1.", "1e", "1e+", "-01", "NaN", "Infinity", "-Infinity", "1e999", "\"", "\"\\\"", "\"\\x\"",
        "\"\\u12\"", "\"\\u123g\"", "\"\u{1}\"", "\"a\nb\"", "\u{FEFF}1", "[1]]", "//", "{\"a\":1 \"b\":2}", "0x10",
    ])
    func whatIsNotJSONIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(arguments: [
        #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800x""#, #""\ud800\ud800""#, #"{"\udfff":1}"#,
    ])
    func loneSurrogatesAreRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82],
        [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
    func invalidUTF8IsRefused(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSON(parsing: Array(#""12345678"#.utf8) + bytes + [0x22]) }
    }

    @Test func everythingWellFormedComesBack() throws {
        let text = #" { "a" : [ 1 , -2.5e3 , true , false , null , "x\u00e9\ud83d\ude00\n" ] , "b" : { } , "c" : [ ] } "#
        let json = try JSON(parsing: text)
        #expect(json == ["a": [1, -2500.0, true, false, nil, "x\u{E9}\u{1F600}\n"], "b": [:], "c": []])
        #expect(try JSON(parsing: json.serialized()) == json)
    }

    @Test func integersGoToTheEndsOfInt64AndBeyondAsDoubles() throws {
        #expect(try JSON(parsing: "9223372036854775807") == .integer(.max))
        #expect(try JSON(parsing: "-9223372036854775808") == .integer(.min))
        #expect(try JSON(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try JSON(parsing: "-9223372036854775809") == .double(-9_223_372_036_854_775_808))
        #expect(try JSON(parsing: "-0") == 0)
        #expect(JSON.integer(.min).serialized() == Array("-9223372036854775808".utf8))
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSON(parsing: nested(100)) }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(101)) }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 1_000_000)) }
        #expect(throws: Never.self) { try JSON(parsing: nested(256), JSONReading(depthLimit: 100_000)) }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(257), JSONReading(depthLimit: 100_000)) }
    }

    @Test func nulIsCarried() throws {
        let json = try JSON(parsing: #"{"a\u0000b":"\u0000"}"#)
        #expect(json["a\0b"] == "\0")
        #expect(json.serialized() == Array(#"{"a\u0000b":"\u0000"}"#.utf8))
    }

    @Test func plainTextOfEveryLengthIsReadWhole() throws {
        for length in 0..<40 {
            for special in ["", "\"", "\\", "\u{7F}", "\u{E9}", "\u{1F600}", "\0", "\u{1F}"] {
                let text = String(repeating: "x", count: length) + special + String(repeating: "y", count: length % 11)
                #expect(try JSON(parsing: JSON.string(text).serialized()) == .string(text))
            }
        }
    }

    @Test func anythingIsReadOrRefusedNeverMore() {
        // Every cut and many changes of a text: what is taken must come back as itself.
        let text = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":"\#u{1F600}"},"":""}"#.utf8)
        var random = SystemRandomNumberGenerator()
        for end in 0..<text.count { #expect(throws: JSONError.self) { try JSON(parsing: text[..<end]) } }
        for _ in 0..<20_000 {
            var changed = text
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let json = try? JSON(parsing: changed) else { continue }
            #expect((try? JSON(parsing: json.serialized())) == json)
        }
    }
}
