import Foundation
public import Mail
public import RoomRules
public import Web

/// What one process is told by its operator: the file, checked, with every default filled in.
public struct Configuration: Sendable {
    /// The file's path.
    public let file: String
    /// Keys that are unknown or without effect, with their places.
    public let warnings: [String]
    public let mode: ConfigurationMode

    public let global: Global
    public let clientAPI: ClientSection
    public let mediaAPI: MediaSection
    /// How mails are sent; nil: none are.
    public let email: Email?
    /// What this server signs with; nil where no component that signs runs in this process.
    public let signingKey: SigningKey?
    /// The room version of rooms whose creator names none.
    public let defaultRoomVersion: String
    public let openIDTokenLifetimeMS: Int64
    /// How long access tokens last that can be refreshed.
    public let accessTokenLifetime: Duration
    /// The cost of password hashes, 2^n rounds.
    public let bcryptCost: Int
    /// The header in which a proxy before the public listeners names the client's address; nil: the connection's counts.
    public let realIPHeader: String?
    /// The proxies that are believed; none: those of this machine and of private networks.
    public let trustedProxies: [AddressRange]
    public let logging: [LogSink]

    let addresses: [ComponentName: ComponentAddresses]
    let databases: [ComponentName: DatabaseSettings]

    public func addresses(of component: ComponentName) -> ComponentAddresses {
        addresses[component] ?? ComponentAddresses(component)
    }

    /// The component's database; nil for clientapi, which has none, and where `mode` does not run the component.
    public func database(of component: ComponentName) -> DatabaseSettings? { databases[component] }
}

/// Where a component listens, and where the others find it.
public struct ComponentAddresses: Sendable, Equatable {
    public var internalListen: ListenAddress
    /// One for each replica.
    public var internalConnect: [URL]
    public var externalListen: ListenAddress?

    init(internalListen: ListenAddress, internalConnect: [URL], externalListen: ListenAddress?) {
        self.internalListen = internalListen
        self.internalConnect = internalConnect
        self.externalListen = externalListen
    }

    init(_ component: ComponentName) {
        self.init(
            internalListen: ListenAddress(host: "localhost", port: component.internalPort), internalConnect: [],
            externalListen: component.externalPort.map { ListenAddress(host: "::", port: $0) })
    }
}

/// One component's database and the size of its pool.
public struct DatabaseSettings: Sendable, Equatable {
    /// `file:…`, `postgres://…` or `postgresql://…`
    public var connectionString: String
    public var address: DatabaseAddress
    public var maxOpenConnections: Int
    public var maxIdleConnections: Int
    /// Nil: connections are kept for as long as they work.
    public var connectionMaxLifetime: Duration?
}

extension Configuration {
    public struct Global: Sendable {
        public var serverName: String
        public var privateKeyPath: String
        public var wellKnownServerName: String
        public var wellKnownClientName: String
        public var trustedIdentityServers: [String]
        /// Whom users turn to; empty where nobody is named.
        public var supportPage: String
        public var supportEmail: String
        public var supportMatrixID: String
        public var jetStream: JetStream
        public var metrics: Metrics
        /// Whether users see who is there.
        public var tellsPresence: Bool
        /// What internal calls carry; empty: they carry nothing.
        public var internalAPIToken: String
        /// Nil: administrators do not speak in the server's name.
        public var serverNotices: ServerNotices?
    }

    /// Who speaks for the server, and where.
    public struct ServerNotices: Sendable {
        public var localpart: String
        /// Empty: none.
        public var displayName: String
        public var avatarURL: String
        public var roomName: String
    }

    public struct JetStream: Sendable {
        /// `nats://` or `tls://` URLs, with user information where the server asks for it; empty: the built-in bus.
        public var addresses: [URL]
        public var inMemory: Bool
        public var storagePath: String
        public var topicPrefix: String
        /// A file of NATS credentials (JWT and nkey seed); empty: none.
        public var credentialsPath: String
        public var disableTLSValidation: Bool
        /// The most that one stream keeps.
        public var maxStreamBytes: Int64
    }

    public struct Metrics: Sendable {
        public var enabled: Bool
        /// Both empty: no password is asked for.
        public var username: String
        public var password: String
    }

    public struct ClientSection: Sendable {
        public var registrationDisabled: Bool
        public var registrationRequiresToken: Bool
        /// Empty: registration by shared secret is off.
        public var registrationSharedSecret: String
        public var guestsDisabled: Bool
        public var captcha: Captcha
        public var rateLimiting: RateLimiting
        public var turn: Turn?
    }

    /// Captchas; without a private key there are none.
    public struct Captcha: Sendable {
        /// Whether registering needs one.
        public var required: Bool
        public var publicKey: String
        public var privateKey: String
        /// Empty: Google's.
        public var verifyURL: String
        /// Empty: there is none.
        public var bypassSecret: String
    }

    public struct Email: Sendable {
        public var from: Mailbox
        public var smtp: SMTPOptions
    }

    /// How often one caller may ask: `threshold` requests in `cooloff`.
    public struct RateLimiting: Sendable {
        public var enabled: Bool
        public var threshold: Int
        public var cooloff: Duration
        public var exemptUserIDs: [String]
    }

    public struct MediaSection: Sendable {
        public var basePath: String
        public var maxFileSizeBytes: Int
    }

    /// One place that logs go to.
    public struct LogSink: Sendable, Equatable {
        public enum Target: Sendable, Equatable {
            case standardError
            /// A folder; each process has its own file in it.
            case folder(String)
        }

        public var target: Target
        /// As the file has it: `trace` to `panic`.
        public var level: String
        public var json: Bool
    }
}
