/// Where mails are handed over, and how.
public struct SMTPOptions: Sendable {
    /// How the connection is protected.
    public enum Security: String, Sendable, CaseIterable {
        /// By TLS where the server offers it.
        case ifOffered = "if_offered"
        /// By TLS, or nothing is sent.
        case required
        /// By TLS from its first byte (port 465).
        case implicit
        /// Not at all.
        case none
    }

    public struct Credentials: Sendable {
        public var username: String
        public var password: String

        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    public var host: String
    public var port: Int
    public var security = Security.ifOffered
    public var verifiesCertificates = true
    /// A file of certificates that are believed instead of the system's.
    public var trustedCertificates: String?
    /// Shown to the server only under TLS.
    public var credentials: Credentials?
    /// What this machine calls itself.
    public var ownName = "localhost"
    public var connectTimeout: Duration = .seconds(10)
    /// For all that is said on a connection.
    public var timeout: Duration = .seconds(60)

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
