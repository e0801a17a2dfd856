/// The words by which people are found, and those of what is searched for.
enum Words {
    /// More of a name, and longer words, are not looked at.
    private static let most = 16, longest = 64

    /// Of a user: of the display name and the localpart, each also as a whole, and the ID.
    static func of(_ userID: String, displayName: String) -> Set<String> {
        let localpart = userID.dropFirst().prefix { $0 != ":" }
        var words = Set(split(String(localpart)) + [bounded(localpart), bounded(userID)])
        words.formUnion(split(displayName))
        return words.filter { !$0.isEmpty && !$0.utf8.contains(0) }
    }

    /// Of a term. What looks like a user ID is one word.
    static func searched(_ term: String) -> [String] {
        let pieces = term.split(whereSeparator: \.isWhitespace).prefix(most)
        let words = pieces.flatMap { $0.hasPrefix("@") && $0.count > 1 ? [bounded($0)] : split(String($0)) }
        return Array(Set(words)).sorted { $0.utf8.count > $1.utf8.count }
    }

    private static func split(_ text: String) -> [String] {
        text.prefix(1024).split { !$0.isLetter && !$0.isNumber }.prefix(most).map(bounded)
    }

    private static func bounded(_ word: some StringProtocol) -> String { String(word.lowercased().prefix(longest)) }
}
