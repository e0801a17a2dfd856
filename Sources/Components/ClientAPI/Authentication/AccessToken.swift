import Crypto
import Foundation

/// Makes access tokens: 256 bits that nobody guesses.
enum AccessToken {
    static func random() -> String { base64URL(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }) }

    /// The token of the device that a registration session makes: asked for twice, it is the same, so that the registration
    /// is too. The session's ID is as secret as the token, and stored nowhere.
    static func forRegistration(session: String) -> String {
        base64URL(Array(SHA256.hash(data: Array("access token of registration \(session)".utf8))))
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
