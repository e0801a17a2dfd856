import Crypto
import Matrix

/// A server's public Ed25519 key, and until when it counts.
public struct VerifyKey: Sendable, Hashable {
    public let id: String
    public let bytes: [UInt8]
    /// From `valid_until_ts`: room versions from 5 on believe no signature of a later event.
    public var validUntilTS: Int64
    /// From `expired_ts`, of a key that its server no longer uses: no signature of a later event counts in any version.
    public var expiredTS: Int64?

    public init(id: String, bytes: [UInt8], validUntilTS: Int64 = .max, expiredTS: Int64? = nil) {
        self.id = id
        self.bytes = bytes
        self.validUntilTS = validUntilTS
        self.expiredTS = expiredTS
    }

    /// Nil when the text is not base64 of 32 bytes.
    public init?(id: String, base64: String, validUntilTS: Int64 = .max, expiredTS: Int64? = nil) {
        guard let bytes = Base64.decode(base64), bytes.count == 32 else { return nil }
        self.init(id: id, bytes: bytes, validUntilTS: validUntilTS, expiredTS: expiredTS)
    }

    public var base64: String { Base64.encode(bytes) }

    /// Whether the key may have signed an event of this time.
    /// [Signing key validity](https://spec.matrix.org/v1.19/rooms/v5/#signing-key-validity-period)
    public func counts(at timestamp: Int64, version: RoomVersion) -> Bool {
        if let expiredTS { return timestamp <= expiredTS }
        return !version.rules.enforcesKeyValidity || timestamp <= validUntilTS
    }

    /// Whether the signature, in base64, is this key's over these bytes.
    public func verifies(_ signature: String, of bytes: [UInt8]) -> Bool {
        guard let signature = Base64.decode(signature), signature.count == 64,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes)
        else { return false }
        return key.isValidSignature(signature, for: bytes)
    }
}
