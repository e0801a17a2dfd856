import Matrix

/// What the clientapi is told by the configuration.
public struct ClientAPIConfig: Sendable {
    public var serverName: String
    /// Where clients find this server, for `/.well-known/matrix/client`; nil: it is not served.
    public var wellKnownClientURL: String?
    public var registrationDisabled: Bool
    public var guestsDisabled: Bool
    /// Opens `/_synapse/admin/v1/register` to whoever knows it; nil or empty: it is not served.
    public var registrationSharedSecret: String?
    public var captcha: Captcha?
    /// Whether people may register with an address of e-mail: whether the userapi sends mails.
    public var takesEmail: Bool
    public var rateLimiting: RateLimiting
    /// The identity servers that users may have told of their addresses (`global.trusted_third_party_id_servers`).
    public var trustedIdentityServers: [String] = []
    /// Whom users turn to, for `/.well-known/matrix/support`; nil: nobody is named.
    public var support: Support?
    /// Whether nobody registers without a token that an administrator gave them.
    public var registrationRequiresToken = false
    /// Nil: there are no TURN servers.
    public var turn: Turn?
    /// In whose name administrators speak to users; nil: they do not.
    public var serverNotices: ServerNotices?
    /// What new rooms are made with (`room_server.default_room_version`).
    public var defaultRoomVersion: RoomVersion
    /// Whether users see who is there.
    public var tellsPresence: Bool

    /// Who runs this server.
    public struct Support: Sendable {
        public var matrixID: String?
        public var emailAddress: String?
        public var page: String?
        var isEmpty: Bool { matrixID == nil && emailAddress == nil && page == nil }

        public init(matrixID: String? = nil, emailAddress: String? = nil, page: String? = nil) {
            self.matrixID = matrixID
            self.emailAddress = emailAddress
            self.page = page
        }
    }

    /// How often a user, or an address, may use each of the endpoints that the specification marks as limited.
    public struct RateLimiting: Sendable {
        public var isEnabled: Bool
        /// This many requests…
        public var threshold: Int
        /// …within this many milliseconds.
        public var cooloffMS: Int64
        /// Who may ask as often as they like.
        public var exemptUserIDs: Set<String>

        public init(
            isEnabled: Bool = true, threshold: Int = 5, cooloffMS: Int64 = 500, exemptUserIDs: Set<String> = []
        ) {
            self.isEnabled = isEnabled
            self.threshold = threshold
            self.cooloffMS = cooloffMS
            self.exemptUserIDs = exemptUserIDs
        }
    }

    /// Who sets the captchas, and who this server is to them.
    public struct Captcha: Sendable {
        /// Whether nobody registers without.
        public var isRequired: Bool
        public var publicKey: String
        public var privateKey: String
        /// Where answers are checked.
        public var verifyURL: String
        /// An answer that always does; nil or empty: there is none.
        public var bypassSecret: String?

        public init(
            isRequired: Bool, publicKey: String, privateKey: String, verifyURL: String = Captcha.google,
            bypassSecret: String? = nil
        ) {
            self.isRequired = isRequired
            self.publicKey = publicKey
            self.privateKey = privateKey
            self.verifyURL = verifyURL
            self.bypassSecret = bypassSecret
        }

        public static let google = "https://www.google.com/recaptcha/api/siteverify"
    }

    /// Who speaks for the server, and where.
    public struct ServerNotices: Sendable {
        public var localpart: String
        public var displayName: String?
        public var avatarURL: String?
        public var roomName: String

        public init(localpart: String, displayName: String?, avatarURL: String?, roomName: String) {
            self.localpart = localpart
            self.displayName = displayName
            self.avatarURL = avatarURL
            self.roomName = roomName
        }
    }

    public init(
        serverName: String, wellKnownClientURL: String? = nil, registrationDisabled: Bool = false, guestsDisabled: Bool = true,
        registrationSharedSecret: String? = nil, captcha: Captcha? = nil, takesEmail: Bool = false,
        rateLimiting: RateLimiting = RateLimiting(),
        defaultRoomVersion: RoomVersion = .default, tellsPresence: Bool = false
    ) {
        self.serverName = serverName
        self.wellKnownClientURL = wellKnownClientURL
        self.registrationDisabled = registrationDisabled
        self.guestsDisabled = guestsDisabled
        self.registrationSharedSecret = registrationSharedSecret
        self.captcha = captcha
        self.takesEmail = takesEmail
        self.rateLimiting = rateLimiting
        self.defaultRoomVersion = defaultRoomVersion
        self.tellsPresence = tellsPresence
    }
}
