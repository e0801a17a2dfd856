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
    public var rateLimiting: RateLimiting
    /// What new rooms are made with (`room_server.default_room_version`).
    public var defaultRoomVersion: RoomVersion

    /// How often a device, or an address, may use the endpoints that the specification marks as limited.
    public struct RateLimiting: Sendable {
        public var isEnabled: Bool
        /// This many requests…
        public var threshold: Int
        /// …within this many milliseconds.
        public var cooloffMS: Int64

        public init(isEnabled: Bool = true, threshold: Int = 5, cooloffMS: Int64 = 500) {
            self.isEnabled = isEnabled
            self.threshold = threshold
            self.cooloffMS = cooloffMS
        }
    }

    public init(
        serverName: String, wellKnownClientURL: String? = nil, registrationDisabled: Bool = false, guestsDisabled: Bool = true,
        registrationSharedSecret: String? = nil, rateLimiting: RateLimiting = RateLimiting(),
        defaultRoomVersion: RoomVersion = .default
    ) {
        self.serverName = serverName
        self.wellKnownClientURL = wellKnownClientURL
        self.registrationDisabled = registrationDisabled
        self.guestsDisabled = guestsDisabled
        self.registrationSharedSecret = registrationSharedSecret
        self.rateLimiting = rateLimiting
        self.defaultRoomVersion = defaultRoomVersion
    }
}
