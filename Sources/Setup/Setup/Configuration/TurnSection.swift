extension Configuration {
    /// The servers that carry calls; nil: there are none.
    public struct Turn: Sendable {
        public var uris: [String]
        public var lifetime: Duration
        /// Empty: the name and the password are the same for everybody.
        public var sharedSecret: String
        public var username: String
        public var password: String

        /// Nil where no server is named.
        init?(_ values: ConfigurationValues) {
            uris = values.strings("client_api.turn.turn_uris")
            guard !uris.isEmpty, let lifetime = Self.lifetime(values) else { return nil }
            self.lifetime = lifetime
            sharedSecret = values.string("client_api.turn.turn_shared_secret")
            username = values.string("client_api.turn.turn_username")
            password = values.string("client_api.turn.turn_password")
        }

        private static func lifetime(_ values: ConfigurationValues) -> Duration? {
            let text = values.string("client_api.turn.turn_user_lifetime")
            guard !text.isEmpty else { return .seconds(86_400) }
            return GoDuration.parse(text).flatMap { $0 >= .seconds(1) ? $0 : nil }
        }

        /// Says what about the servers does not do.
        static func check(_ values: inout ConfigurationValues) {
            if lifetime(values) == nil {
                values.refuse("client_api.turn.turn_user_lifetime", "this is no duration", mend: "Write one, for example 24h")
            }
            let uris = values.strings("client_api.turn.turn_uris")
            guard !uris.isEmpty else { return }
            if let odd = uris.first(where: { !$0.hasPrefix("turn:") && !$0.hasPrefix("turns:") }) {
                values.refuse(
                    "client_api.turn.turn_uris", "\(odd) is no TURN server", mend: "Write turn:HOST:PORT or turns:HOST:PORT")
            }
            guard values.string("client_api.turn.turn_shared_secret").isEmpty else { return }
            for key in ["client_api.turn.turn_username", "client_api.turn.turn_password"] where values.string(key).isEmpty {
                values.refuse(
                    key, "clients need a name and a password for TURN",
                    mend: "Write it, or the secret that the servers share with us in client_api.turn.turn_shared_secret")
            }
        }
    }
}
