import Foundation

/// The words of a text as they are looked for, alike in both databases: without regard to case and accents, and of writing
/// without spaces each character by itself.
enum SearchWords {
    /// Longer ones are no words.
    private static let longest = 128

    static func of(_ text: String) -> [String] {
        let folded = text.utf8.allSatisfy { $0 < 0x80 }
            ? text.lowercased() : text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
        var words: [String] = [], word = String.UnicodeScalarView()
        func end() {
            if (1...longest).contains(word.count) { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        for scalar in folded.unicodeScalars {
            if scalar.properties.isIdeographic {
                end()
                words.append(String(scalar))
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                word.append(scalar)
            } else if !scalar.properties.generalCategory.isMark {
                end()
            }
        }
        end()
        return words
    }
}

extension Unicode.GeneralCategory {
    /// Whether it is of what is written onto another character.
    fileprivate var isMark: Bool { self == .nonspacingMark || self == .spacingMark || self == .enclosingMark }
}
