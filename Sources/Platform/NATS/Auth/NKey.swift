import Crypto
import Foundation

/// An Ed25519 key that proves who we are to a server, written as a base 32 seed beginning with `S`.
public struct NKey: Sendable {
    /// What a key stands for; the first letter of its public form.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case account = 0, cluster = 16, server = 104, `operator` = 112, user = 160
    }

    private static let seedMark: UInt8 = 144

    public let kind: Kind
    private let key: Curve25519.Signing.PrivateKey

    /// A new key.
    public init(kind: Kind) {
        self.kind = kind
        key = Curve25519.Signing.PrivateKey()
    }

    /// Reads a seed: two marks, 32 bytes, and a CRC-16 over them.
    public init(seed: some StringProtocol) throws {
        let text = seed.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count == 58, let bytes = Base32.decode(text), Base32.encode(bytes) == text else {
            throw NATSError.invalidCredentials("an nkey seed has 58 letters of base 32")
        }
        let body = bytes.prefix(34)
        guard UInt16(bytes[34]) | UInt16(bytes[35]) << 8 == CRC16.checksum(body) else {
            throw NATSError.invalidCredentials("the checksum of the nkey seed is wrong")
        }
        guard bytes[0] & 0xF8 == Self.seedMark, let kind = Kind(rawValue: bytes[0] << 5 | bytes[1] >> 3) else {
            throw NATSError.invalidCredentials("not an nkey seed")
        }
        self.kind = kind
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes[2..<34])
    }

    public var seed: String {
        Self.text([Self.seedMark | kind.rawValue >> 5, kind.rawValue << 3] + key.rawRepresentation)
    }

    public var publicKey: String { Self.text([kind.rawValue] + key.publicKey.rawRepresentation) }

    public func sign(_ bytes: some DataProtocol) throws -> [UInt8] { Array(try key.signature(for: bytes)) }

    private static func text(_ body: [UInt8]) -> String {
        let checksum = CRC16.checksum(body)
        return Base32.encode(body + [UInt8(truncatingIfNeeded: checksum), UInt8(truncatingIfNeeded: checksum >> 8)])
    }
}

/// The checksum at the end of an nkey (CCITT polynomial, from zero).
enum CRC16 {
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(into: UInt16(0)) { sum, byte in
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 != 0 ? sum << 1 ^ 0x1021 : sum << 1 }
        }
    }
}
