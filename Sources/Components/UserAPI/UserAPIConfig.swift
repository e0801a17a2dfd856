import Mail

/// What the userapi is told by the configuration.
public struct UserAPIConfig: Sendable {
    public var serverName: String
    /// The logarithm of the rounds that hashing a password takes (`user_api.bcrypt_cost`): 4 to 31.
    public var bcryptCost: Int
    /// How often a user may be logged in at once: more than anybody is who logs out now and then.
    public var mostDevices = 10_000
    /// How many pieces of account data a user may have, those of rooms among them.
    public var mostAccountData = 20_000
    public var mostPushers = 200
    public var mostThreePIDs = 100
    /// How long an access token lasts that can be refreshed (`user_api.access_token_lifetime`).
    public var accessTokenLifetimeMS: Int64 = 300_000
    /// How long a token lasts by which another client logs in.
    public var loginTokenLifetimeMS: Int64 = 120_000
    /// How long an OpenID token lasts (`user_api.openid_token_lifetime_ms`).
    public var openIDTokenLifetimeMS: Int64 = 3_600_000
    /// Nil: no mails are sent.
    public var email: Email?

    /// How mails are sent.
    public struct Email: Sendable {
        public var smtp: SMTPOptions
        public var from: Mailbox
        /// Where clients find this server: links in mails begin with it.
        public var clientURL: String

        public init(smtp: SMTPOptions, from: Mailbox, clientURL: String) {
            self.smtp = smtp
            self.from = from
            self.clientURL = clientURL
        }
    }

    public init(serverName: String, bcryptCost: Int = 10, email: Email? = nil) {
        self.serverName = serverName
        self.bcryptCost = bcryptCost
        self.email = email
    }
}
