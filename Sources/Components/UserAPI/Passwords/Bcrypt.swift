import CCrypt
import Crypto
import Foundation

/// Hashes of passwords as libxcrypt makes them: `$2b$`, 100 ms and more each at the usual cost.
enum Bcrypt {
    /// bcrypt reads no further.
    private static let longestPhrase = 72

    static func hash(_ password: String, cost: Int) throws -> String {
        var setting = [CChar](repeating: 0, count: 64)
        let made = crypt_gensalt_rn("$2b$", UInt(clamping: cost), nil, 0, &setting, Int32(setting.count))
        guard made != nil else { throw Refused() }
        return try crypt(phrase(password), setting: setting)
    }

    static func verify(_ password: String, against hash: String) throws -> Bool {
        let computed = try crypt(phrase(password), setting: Array(hash.utf8CString))
        return constantTimeEqual(Array(computed.utf8), Array(hash.utf8))
    }

    /// A hash of nobody's password, to be checked where there is no account, so that the time taken tells nothing.
    static func ofNobody(cost: Int) -> String {
        let twoDigits = cost < 10 ? "0\(cost)" : "\(cost)"
        return "$2b$\(twoDigits)$" + "abcdefghijklmnopqrstuu" + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcde"
    }

    /// The password itself, or what stands for it where bcrypt would read only its beginning.
    private static func phrase(_ password: String) -> [CChar] {
        let bytes = Array(password.utf8)
        guard bytes.count > longestPhrase || bytes.contains(0) else { return Array(password.utf8CString) }
        return Array(Data(SHA256.hash(data: bytes)).base64EncodedString().utf8CString)
    }

    private static func crypt(_ phrase: [CChar], setting: [CChar]) throws -> String {
        var space = crypt_data()
        return try withUnsafeMutablePointer(to: &space) { space in
            guard let output = crypt_rn(phrase, setting, space, Int32(MemoryLayout<crypt_data>.size)) else { throw Refused() }
            return String(cString: output)
        }
    }

    /// libxcrypt did not take the cost, or a stored hash that is none.
    struct Refused: Error {}
}

/// Whether two byte strings are the same, in a time that does not depend on where they differ.
func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
