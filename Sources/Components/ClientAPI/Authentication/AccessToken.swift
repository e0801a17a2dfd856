import Crypto
import Foundation

/// Makes access tokens, and others as secret: 256 bits that nobody guesses.
enum AccessToken {
    static func random() -> String { base64URL(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }) }

    fileprivate static func derived(_ purpose: String, from secret: String) -> String {
        base64URL(Array(SHA256.hash(data: Array("\(purpose) \(secret)".utf8))))
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// What a device is given when it logs in: the refresh token only where it asks for one.
struct DeviceTokens {
    var access: String
    var refresh: String

    static func random() -> DeviceTokens { DeviceTokens(access: AccessToken.random(), refresh: AccessToken.random()) }

    /// The tokens of the device that a registration session makes: asked for twice, they are the same, so that the
    /// registration is too. The session's ID is as secret as the tokens, and stored nowhere.
    static func forRegistration(session: String) -> DeviceTokens {
        DeviceTokens(
            access: AccessToken.derived("access token of registration", from: session),
            refresh: AccessToken.derived("refresh token of registration", from: session))
    }
}
