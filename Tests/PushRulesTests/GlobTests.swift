import PushRules
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("lunc?*", "Lunch plans", true), ("lunc?*", "LUNCH", true), ("lunc?*", " lunch", false), ("lunc?*", "lunc", false),
        ("", "", true), ("", "a", false), ("*", "", true), ("*", "anything", true), ("?", "", false), ("?", "é", true),
        ("a*b*c", "a1b2c", true), ("a*b*c", "a1c2b", false), ("*a", "bca", true), ("a**b", "ab", true),
        ("m.notice", "m.notice", true),
        ("m.notice", "mxnotice", false), ("[a]", "[a]", true), ("[a]", "a", false),
    ])
    func theWholeMatches(_ pattern: String, _ text: String, _ matches: Bool) {
        #expect(Glob(pattern).matches(text) == matches)
    }

    @Test(arguments: [
        ("ex*ple", "An example event.", true), ("ex*ple", "exple", true), ("ex*ple", "An exciting triple-whammy", true),
        ("cake", "a piece of cake", true), ("cake", "pancakes", false), ("cake", "cake!", true), ("cake", "CAKE_", false),
        ("cake", "cake", true), ("c?ke", "coke, please", true), ("cake*", "cakes", true), ("*cake", "pancake", true),
        ("cake", "", false), ("two words", "these are two words.", true), ("two words", "two, words", false),
        ("@room", "hello @room", true), ("été", "l'été", true),
    ])
    func aPartMatchesFromBoundaryToBoundary(_ pattern: String, _ text: String, _ matches: Bool) {
        #expect(Glob(pattern).matchesWords(of: text) == matches)
    }

    @Test func aNameIsNoPattern() {
        #expect(Glob(literally: "a*").matchesWords(of: "I am a* here"))
        #expect(!Glob(literally: "a*").matchesWords(of: "I am ab here"))
    }

    @Test func patternsLongerThanAWordOfBitsMatch() {
        let long = String(repeating: "abcdefghij", count: 20)
        #expect(Glob(long + "*" + long).matches(long + "between" + long))
        #expect(Glob("*" + long + "?").matchesWords(of: "so " + long + "!"))
        #expect(!Glob("*" + long + "?").matches(long))
    }

    @Test func aPatternThatIsTooLongMatchesNothing() {
        let long = String(repeating: "a", count: Glob.lengthLimit + 1)
        #expect(!Glob(long).matches(long))
        #expect(Glob(String(repeating: "a", count: Glob.lengthLimit)).matches(String(long.dropLast())))
    }

    /// Backtracking would take longer than the universe has.
    @Test func aHostilePatternIsNoTrouble() {
        let pattern = String(repeating: "a*", count: 250) + "b"
        #expect(!Glob(pattern).matchesWords(of: String(repeating: "a ", count: 5000)))
    }
}
