import Crypto
import Foundation

/// Random text, and what is stored in its place: whoever reads the database cannot use what is in it.
enum Secret {
    /// 192 random bits, in letters that a URL takes as they are.
    static func random() -> String {
        base64URL(SymmetricKey(size: SymmetricKeySize(bitCount: 192)).withUnsafeBytes { Array($0) })
    }

    static func hash(_ secret: String) -> [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }

    /// The ID of a device that has none yet: made from its access token, so that asking again makes the same one.
    static func deviceID(from token: String) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        let hash = hash("device \(token)")
        return String(decoding: hash.prefix(10).map { letters[Int($0 & 31)] }, as: UTF8.self)
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
