import Matrix
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: [
        "matrix.org", "matrix.org:8888", "1.2.3.4", "1.2.3.4:1234", "[1234:5678::abcd]", "[1234:5678::abcd]:5678", "localhost",
        "localhost:8008", "[::]", "[::1]", "[1:2:3:4:5:6:7:8]", "[::ffff:1.2.3.4]", "a-b.example", "MATRIX.org", "123.456",
    ])
    func serverNamesAreTaken(_ name: String) {
        #expect(ServerName(name)?.string == name)
    }

    @Test(arguments: [
        "", ":80", "a:", "a:123456", "a:b", "a b", "a_b", "é.org", "1.2.3.256", "[1234", "[1234]", "[:::]", "[1::2::3]", "[g::]",
        "[::1]x", "a/b", "@a", "[12345::]", "[1:2:3:4:5:6:7:8:9]", "a:80:80", "a\0",
    ])
    func whatIsNoServerNameIsRefused(_ name: String) {
        #expect(ServerName(name) == nil)
    }

    @Test func aServerNameHasHostAndPort() {
        #expect(ServerName("[::1]:80")?.host == "::1")
        #expect(ServerName("[::1]:80")?.port == 80)
        #expect(ServerName("a:80")?.host == "a")
        #expect(ServerName("a")?.port == nil)
        #expect(ServerName("1.2.3.4")?.isAddress == true)
        #expect(ServerName("[::1]")?.isAddress == true)
        #expect(ServerName("a.b.c.d")?.isAddress == false)
    }

    @Test(arguments: ["@a:b", "@:b", "@A b\u{E9}!:b", "@a/+=_-.:b:80", "@a:[::1]:80", "@\u{301}:b"])
    func userIDsAreTakenHistoricalOnesToo(_ id: String) {
        #expect(UserID(id)?.string == id)
    }

    @Test(arguments: ["", "@", "@a", "a:b", "@a:", "@a:b:c", "@a\0:b", "#a:b", "@a:b c"])
    func whatIsNoUserIDIsRefused(_ id: String) {
        #expect(UserID(id) == nil)
    }

    @Test func aUserIDHasLocalpartAndServer() {
        let user = UserID("@alice:example.org:8448")
        #expect(user?.localpart == "alice")
        #expect(user?.server == "example.org:8448")
        #expect(UserID(localpart: "a", server: "b")?.string == "@a:b")
        #expect(UserID(localpart: "a:b", server: "c") == nil)
    }

    @Test func lengthIsCountedInBytes() {
        let end = ":b"
        #expect(UserID("@" + String(repeating: "a", count: 255 - 1 - end.count) + end) != nil)
        #expect(UserID("@" + String(repeating: "a", count: 255 - end.count) + end) == nil)
        #expect(UserID("@" + String(repeating: "\u{E9}", count: 127) + end) == nil)
    }

    @Test func newLocalpartsAreStrict() {
        #expect(UserID.isValidNewLocalpart("a-z.0_9=/+"))
        for localpart in ["", "A", "a b", "\u{E9}", "a:b", "a!", "a@b"] { #expect(!UserID.isValidNewLocalpart(localpart)) }
    }

    @Test func onlyVisibleASCIIIsCompliant() {
        #expect(UserID("@A!:b")?.isCompliant == true)
        for id in ["@:b", "@a b:b", "@\u{E9}:b"] { #expect(UserID(id)?.isCompliant == false) }
    }

    @Test func roomsAliasesAndEventsHaveTheirGrammar() {
        #expect(RoomID("!abc:b")?.server == "b")
        #expect(RoomID("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM")?.server == nil)
        #expect(RoomID("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM") != nil)
        #expect(RoomID("!") == nil)
        #expect(RoomID("!a:b c") == nil)
        #expect(RoomAlias("#a b\u{E9}:b")?.localpart == "a b\u{E9}")
        #expect(RoomAlias("#a") == nil)
        #expect(RoomAlias("#:b") == nil)
        #expect(EventID("$abc:b")?.server == "b")
        #expect(EventID("$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk") != nil)
        #expect(EventID("abc") == nil)
    }

    @Test func spellingsOfOneCharacterAreTwoUsers() {
        #expect(UserID("@\u{E9}:b") != UserID("@e\u{301}:b"))
    }

    @Test func badIdentifiersAreBadJSON() {
        #expect(throws: MatrixError.badJSON("0: not a valid UserID")) {
            try JSONCoder.decode([UserID].self, from: Array(#"["a"]"#.utf8))
        }
    }
}
