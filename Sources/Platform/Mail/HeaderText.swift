import Foundation

/// Writes text of any kind into a header of a mail, so that it stays within it.
enum HeaderText {
    /// Free text, such as a subject. [RFC 2047](https://www.rfc-editor.org/rfc/rfc2047)
    static func free(_ text: String) -> String {
        let line = oneLine(text)
        return line.utf8.allSatisfy(isPrintable) ? line : encodedWords(line)
    }

    /// A name in front of an address.
    static func phrase(_ name: String) -> String {
        let line = oneLine(name)
        guard line.utf8.allSatisfy(isPrintable) else { return encodedWords(line) }
        return "\"\(line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// Control characters, line breaks among them, become spaces; and nobody reads on for ever.
    private static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(200) {
            line.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(line)
    }

    private static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if let last = words.last, last.count + bytes.count > 45 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }
}
