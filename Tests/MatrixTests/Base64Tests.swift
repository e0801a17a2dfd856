import Matrix
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"),
        ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func theSpecificationsExamplesComeOut(_ text: String, _ base64: String) {
        #expect(Base64.encode(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64) == Array(text.utf8))
    }

    @Test func bothAlphabetsAndPaddingAreRead() {
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8")
        #expect(Base64.encode([0xFB, 0xFF], .urlSafe) == "-_8")
        for text in ["+/8", "-_8", "+/8="] { #expect(Base64.decode(text) == [0xFB, 0xFF]) }
    }

    @Test(arguments: ["a", "a b", "ab=c", "ab===", "\u{E9}"])
    func whatIsNoBase64IsRefused(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
