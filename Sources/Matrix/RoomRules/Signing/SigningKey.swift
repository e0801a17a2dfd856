import Crypto
import Matrix

/// A server's private Ed25519 key, with the ID under which its public key is published.
public struct SigningKey: Sendable {
    /// `ed25519:` and a version of letters, digits and underscores.
    public let id: String
    private let key: Curve25519.Signing.PrivateKey

    /// `seed` are the 32 bytes that the key is made of.
    public init(id: String, seed: [UInt8]) throws {
        guard Self.isValidID(id) else { throw SigningKeyError("\"\(id)\" is not a key ID: ed25519:, then a-z, A-Z, 0-9 and _") }
        guard seed.count == 32 else { throw SigningKeyError("an Ed25519 key has 32 bytes, not \(seed.count)") }
        self.id = id
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    }

    /// A new key with a new ID. `random` gives numbers that nobody guesses.
    public static func generate(random: () -> UInt64) throws -> SigningKey {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let version = String((0..<6).map { _ in letters[Int(random() % UInt64(letters.count))] })
        return try SigningKey(id: "ed25519:\(version)", seed: (0..<32).map { _ in UInt8(truncatingIfNeeded: random()) })
    }

    public var seed: [UInt8] { Array(key.rawRepresentation) }
    public var verifyKey: VerifyKey { VerifyKey(id: id, bytes: Array(key.publicKey.rawRepresentation)) }

    /// The signature, in unpadded base64.
    public func signature(of bytes: [UInt8]) -> String {
        // Signing in memory cannot fail with a key that was made.
        guard let signature = try? key.signature(for: bytes) else { preconditionFailure("Ed25519 could not sign") }
        return Base64.encode(Array(signature))
    }

    static func isValidID(_ id: String) -> Bool {
        let prefix = "ed25519:"
        guard id.hasPrefix(prefix), id.utf8.count > prefix.utf8.count, id.utf8.count <= 255 else { return false }
        return id.utf8.dropFirst(prefix.utf8.count).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

/// Why a key cannot be used; for the operator.
public struct SigningKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
