import Foundation
import Matrix
import RoomRules

/// What `generate-keys` makes: any of the Matrix signing key and a TLS certificate with its key.
public struct KeyGeneration: Sendable {
    public var privateKey: String?
    public var tlsCertificate: String?
    public var tlsKey: String?
    public var authorityCertificate: String?
    public var authorityKey: String?
    /// The server's name as other servers know it; a port in it is ignored.
    public var server: String?

    public init(
        privateKey: String? = nil, tlsCertificate: String? = nil, tlsKey: String? = nil, authorityCertificate: String? = nil,
        authorityKey: String? = nil, server: String? = nil
    ) {
        self.privateKey = privateKey
        self.tlsCertificate = tlsCertificate
        self.tlsKey = tlsKey
        self.authorityCertificate = authorityCertificate
        self.authorityKey = authorityKey
        self.server = server
    }

    /// Writes the files, and returns what was written, a line each. Nothing is written unless everything can be.
    public func run(now: Date = Date()) throws -> [String] {
        try check()
        try NewFile.refuseExisting([privateKey, tlsCertificate, tlsKey])
        var written: [String] = []
        if let tlsCertificate, let tlsKey {
            let certificate = try certificate(now: now)
            try NewFile.write(certificate.keyPEM, to: tlsKey, mode: 0o600)
            try NewFile.write(certificate.certificatePEM, to: tlsCertificate, mode: 0o644)
            written += ["TLS key: \(tlsKey)", "TLS certificate for \(names.joined(separator: ", ")): \(tlsCertificate)"]
        }
        if let privateKey {
            let key = try SigningKey.generate { .random(in: .min ... .max) }
            try NewFile.write(key.pem, to: privateKey, mode: 0o600)
            written.append("Matrix signing key \(key.id): \(privateKey)")
        }
        return written
    }

    private func check() throws {
        guard privateKey != nil || tlsCertificate != nil || tlsKey != nil else {
            throw CommandFailure("Nothing to make: give --private-key, or --tls-cert and --tls-key, or all three.")
        }
        if let server, !server.isEmpty, !ServerName.isValid(server) {
            throw CommandFailure("--server \(server): write a domain or an address, for example example.org or 10.0.0.1.")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw CommandFailure("--tls-cert and --tls-key go together: a certificate without its key is of no use.")
        }
        guard (authorityCertificate == nil) == (authorityKey == nil) else {
            throw CommandFailure("--tls-authority-cert and --tls-authority-key go together.")
        }
        guard authorityKey == nil || tlsKey != nil else {
            throw CommandFailure("An authority signs a certificate: give --tls-cert and --tls-key too.")
        }
    }

    /// What the certificate is for.
    private var names: [String] {
        guard let server, !server.isEmpty else { return ["localhost", "127.0.0.1"] }
        return [ServerName(server)?.host ?? server]
    }

    private func certificate(now: Date) throws -> ServerCertificate {
        var authority: ServerCertificate.Authority?
        if let authorityCertificate, let authorityKey {
            do {
                authority = try .init(
                    certificatePEM: String(contentsOfFile: authorityCertificate, encoding: .utf8),
                    keyPEM: String(contentsOfFile: authorityKey, encoding: .utf8))
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                throw CommandFailure("The authority cannot be read from \(authorityCertificate) and \(authorityKey): \(error).")
            }
        }
        return try ServerCertificate(names: names, authority: authority, now: now)
    }
}
