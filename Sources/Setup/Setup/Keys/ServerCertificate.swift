import Crypto
import Foundation
import SwiftASN1
import X509

/// A TLS certificate for a homeserver with its key, both as PEM: signed by itself or by an authority.
struct ServerCertificate {
    let certificatePEM: String
    let keyPEM: String

    /// Who signs in place of the key itself.
    struct Authority {
        let certificate: Certificate
        let key: Certificate.PrivateKey

        /// Reads what an operator's authority consists of; P-256, P-384, P-521, RSA and Ed25519 keys do.
        init(certificatePEM: String, keyPEM: String) throws {
            certificate = try Certificate(pemEncoded: certificatePEM)
            key = try Certificate.PrivateKey(pemEncoded: keyPEM)
            guard key.publicKey == certificate.publicKey else {
                throw CommandFailure("The authority's key does not belong to its certificate.")
            }
        }
    }

    /// `names` are DNS names and IP addresses, the first of which is also the subject.
    init(names: [String], authority: Authority?, now: Date, lifetime: TimeInterval = 365 * 24 * 3600) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName(String((names.first ?? "localhost").prefix(64))) }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(lifetime),
            issuer: authority?.certificate.subject ?? subject,
            subject: subject,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames(names.map(Self.generalName))
            },
            issuerPrivateKey: authority?.key ?? key)
        certificatePEM = try certificate.serializeAsPEM().pemString + "\n"
        keyPEM = try key.serializeAsPEM().pemString + "\n"
    }

    private static func generalName(_ name: String) -> GeneralName {
        guard let bytes = addressBytes(name) else { return .dnsName(name) }
        return .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
    }

    /// The bytes of an IPv4 or IPv6 literal.
    private static func addressBytes(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }
}
