import ArgumentParser
import Setup

/// Makes the keys a homeserver needs: any of them, and never over one that is there.
@main
struct GenerateKeys: GoCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-keys", abstract: "Makes a Matrix signing key, or a TLS certificate with its key, or both.")
    static let booleanFlags: Set<String> = []

    @Option(name: .customLong("private-key"), help: "Write a Matrix signing key to this file.")
    var privateKey: String?
    @Option(name: .customLong("tls-cert"), help: "Write a TLS certificate to this file.")
    var tlsCertificate: String?
    @Option(name: .customLong("tls-key"), help: "Write the certificate's key to this file.")
    var tlsKey: String?
    @Option(
        name: .customLong("tls-authority-cert"),
        help: "The certificate of an authority that signs; without it the certificate signs itself.")
    var authorityCertificate: String?
    @Option(name: .customLong("tls-authority-key"), help: "The authority's key.")
    var authorityKey: String?
    @Option(help: "The server name or address that the certificate is for (localhost).")
    var server: String?

    func run() async throws {
        let generation = KeyGeneration(
            privateKey: privateKey, tlsCertificate: tlsCertificate, tlsKey: tlsKey, authorityCertificate: authorityCertificate,
            authorityKey: authorityKey, server: server)
        for line in try generation.run() { print(line) }
    }
}
