import Crypto
import Foundation

/// A new Matrix signing key as the PEM that Dendrite reads and writes.
enum SigningKeyFile {
    static func generate() -> (id: String, pem: String) {
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let id = "ed25519:" + String((0..<6).compactMap { _ in letters.randomElement() })
        let seed = Curve25519.Signing.PrivateKey().rawRepresentation
        return (id, "-----BEGIN MATRIX PRIVATE KEY-----\nKey-ID: \(id)\n\n\(seed.base64EncodedString())\n-----END MATRIX PRIVATE KEY-----\n")
    }
}
