import Foundation

/// An input as somebody can read it and give it to a test.
public struct InputReport: CustomStringConvertible {
    let input: [UInt8]

    public init(_ input: [UInt8]) { self.input = input }

    public var description: String {
        let shown = input.prefix(2048)
        let hexadecimal = shown.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
        return """
            \(input.count) bytes\(input.count > shown.count ? ", of which the first \(shown.count)" : "")
            text:   \(String(decoding: shown, as: UTF8.self).debugDescription)
            hex:    \(hexadecimal)
            base64: \(Data(shown).base64EncodedString())
            """
    }
}
