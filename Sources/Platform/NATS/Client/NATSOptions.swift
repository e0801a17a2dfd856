import Foundation
import NIOSSL

/// How to reach and use a NATS cluster.
public struct NATSOptions: Sendable {
    /// Files for TLS, beside the system's trust.
    public struct TLS: Sendable {
        public var authorityFile: String?
        public var certificateFile: String?
        public var keyFile: String?
        public var verifiesServer = true

        public init(
            authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, verifiesServer: Bool = true
        ) {
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.verifiesServer = verifiesServer
        }

        func context() throws -> NIOSSLContext {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let authorityFile { configuration.trustRoots = .file(authorityFile) }
            if let certificateFile {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificateFile).map { .certificate($0) }
            }
            if let keyFile { configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)) }
            if !verifiesServer { configuration.certificateVerification = .none }
            return try NIOSSLContext(configuration: configuration)
        }
    }

    public var servers: [ServerAddress]
    /// What the server's monitoring calls us.
    public var name: String?
    /// Who we are, where an address does not say so itself.
    public var authentication = Authentication.none
    public var tls = TLS()
    /// Refuse to speak in the clear, whatever the server offers.
    public var requiresTLS = false
    public var pingInterval = Duration.seconds(20)
    public var dialTimeout = Duration.seconds(5)
    public var backoff = Backoff()
    /// How many bytes may wait to be sent; more are refused.
    public var outgoingLimit = 8 << 20
    /// How long a request waits for its answer when it does not say.
    public var requestTimeout = Duration.seconds(5)

    public init(servers: [ServerAddress], name: String? = nil, authentication: Authentication = .none) {
        self.servers = servers
        self.name = name
        self.authentication = authentication
    }

    /// Reads addresses as they stand in a configuration, each perhaps with several separated by commas.
    public init(addresses: [String], name: String? = nil) throws {
        let servers = try addresses.flatMap { $0.split(separator: ",") }.map {
            try ServerAddress($0.trimmingCharacters(in: .whitespaces))
        }
        guard !servers.isEmpty else { throw NATSError.invalidAddress("no address") }
        self.init(servers: servers, name: name)
    }
}
