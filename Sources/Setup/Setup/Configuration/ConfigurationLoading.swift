import Foundation
import RoomRules
import Web

extension Configuration {
    /// Reads and checks the file at `path`; throws everything that is wrong with it at once.
    public static func load(path: String, mode: ConfigurationMode) throws(ConfigurationError) -> Configuration {
        try load(try YAMLFile.contents(of: path), file: path, mode: mode)
    }

    /// As `load(path:mode:)`, for contents at hand; `file` is what messages call them.
    package static func load(
        _ contents: Data, file path: String, mode: ConfigurationMode
    ) throws(ConfigurationError) -> Configuration {
        var values = ConfigurationValues(try YAMLFile.read(contents, of: path))
        if case .polylith(let component, let internalListen, let externalListen) = mode {
            let section = component.section
            values.replace(
                "\(section).internal_api.listen", with: internalListen, from: "\(internalListen ?? "") (--internal-listen)")
            if component.externalPort != nil {
                values.replace(
                    "\(section).external_api.listen", with: externalListen, from: "\(externalListen ?? "") (--external-listen)")
            } else if externalListen != nil {
                values.warn("--external-listen: \(component.rawValue) has no external listener")
            }
        }
        ConfigurationChecks.run(&values, mode: mode)
        guard values.problems.isEmpty else {
            throw ConfigurationError(file: path, problems: values.problems, warnings: values.unknown)
        }
        return Configuration(file: path, mode: mode, values: values)
    }

    private init(file: String, mode: ConfigurationMode, values: ConfigurationValues) {
        self.file = file
        self.mode = mode
        warnings = values.warnings
        global = Global(values)
        clientAPI = ClientSection(
            registrationDisabled: values.boolean("client_api.registration_disabled"),
            registrationRequiresToken: values.boolean("client_api.registration_requires_token"),
            registrationSharedSecret: values.string("client_api.registration_shared_secret"),
            guestsDisabled: values.boolean("client_api.guests_disabled"),
            captcha: Captcha(
                required: values.boolean("client_api.enable_registration_captcha"),
                publicKey: values.string("client_api.recaptcha_public_key"),
                privateKey: values.string("client_api.recaptcha_private_key"),
                verifyURL: values.string("client_api.recaptcha_siteverify_api"),
                bypassSecret: values.string("client_api.recaptcha_bypass_secret")),
            rateLimiting: RateLimiting(
                enabled: values.boolean("client_api.rate_limiting.enabled"),
                threshold: values.integer("client_api.rate_limiting.threshold"),
                cooloff: .milliseconds(values.integer("client_api.rate_limiting.cooloff_ms")),
                exemptUserIDs: values.strings("client_api.rate_limiting.exempt_user_ids")),
            turn: Turn(values))
        mediaAPI = MediaSection(
            basePath: values.string("media_api.base_path"), maxFileSizeBytes: values.integer("media_api.max_file_size_bytes"))
        email = Email(values)
        signingKey = mode.components.contains(where: \.signs) ? try? values.signingKey() : nil
        defaultRoomVersion = values.string("room_server.default_room_version")
        openIDTokenLifetimeMS = Int64(values.integer("user_api.openid_token_lifetime_ms"))
        accessTokenLifetime = max(.seconds(1), values.duration("user_api.access_token_lifetime") ?? .seconds(1 << 31))
        bcryptCost = values.integer("user_api.bcrypt_cost")
        let header = values.string("sync_api.real_ip_header")
        realIPHeader = header.isEmpty ? nil : header
        trustedProxies = values.strings("sync_api.trusted_proxies").compactMap(AddressRange.init)
        logging = values.logSinks
        addresses = Dictionary(uniqueKeysWithValues: ComponentName.allCases.map { ($0, ComponentAddresses($0, values)) })
        databases = Dictionary(
            uniqueKeysWithValues: mode.components.compactMap { component in
                DatabaseSettings(component, values).map { (component, $0) }
            })
    }
}

extension Configuration.Global {
    fileprivate init(_ values: ConfigurationValues) {
        serverName = values.string("global.server_name")
        privateKeyPath = values.string("global.private_key")
        wellKnownServerName = values.string("global.well_known_server_name")
        wellKnownClientName = values.string("global.well_known_client_name")
        trustedIdentityServers = values.strings("global.trusted_third_party_id_servers")
        supportPage = values.string("global.well_known_support_page")
        supportEmail = values.string("global.well_known_support_email")
        supportMatrixID = values.string("global.well_known_support_matrix_id")
        jetStream = .init(
            addresses: values.urls("global.jetstream.addresses"),
            inMemory: values.boolean("global.jetstream.in_memory"),
            storagePath: values.string("global.jetstream.storage_path"),
            topicPrefix: values.string("global.jetstream.topic_prefix"),
            credentialsPath: values.string("global.jetstream.credentials_path"),
            disableTLSValidation: values.boolean("global.jetstream.disable_tls_validation"),
            maxStreamBytes: Int64(values.integer("global.jetstream.max_stream_bytes")))
        metrics = .init(
            enabled: values.boolean("global.metrics.enabled"), username: values.string("global.metrics.basic_auth.username"),
            password: values.string("global.metrics.basic_auth.password"))
        tellsPresence = values.boolean("global.presence.enable_outbound")
        internalAPIToken = values.string("global.internal_api_token")
        let avatars = ["avatar_url", "avatar"].map { values.string("global.server_notices.\($0)") }
        serverNotices =
            values.boolean("global.server_notices.enabled")
            ? .init(
                localpart: values.string("global.server_notices.local_part"),
                displayName: values.string("global.server_notices.display_name"),
                avatarURL: avatars.first { !$0.isEmpty } ?? "", roomName: values.string("global.server_notices.room_name"))
            : nil
    }
}

extension ComponentAddresses {
    fileprivate init(_ component: ComponentName, _ values: ConfigurationValues) {
        self.init(component)
        if let listen = values.address("\(component.section).internal_api.listen") { internalListen = listen }
        internalConnect = values.urls("\(component.section).internal_api.connect")
        if component.externalPort != nil { externalListen = values.address("\(component.section).external_api.listen") }
    }
}

extension DatabaseSettings {
    /// The component's own section, else its share of `global.database`.
    init?(_ component: ComponentName, _ values: ConfigurationValues) {
        guard let own = component.databaseKey else { return nil }
        let sharers = ComponentName.allCases.count { $0.databaseKey != nil }
        let usesOwn = values.isGiven("\(own).connection_string")
        guard let database = values.database("\(usesOwn ? own : "global.database").connection_string") else { return nil }

        func setting(_ name: String) -> String {
            usesOwn || values.isGiven("\(own).\(name)") ? "\(own).\(name)" : "global.database.\(name)"
        }
        let open = setting("max_open_conns")
        let connections = values.integer(open)
        self.init(
            connectionString: database.text, address: database.address,
            maxOpenConnections: open.hasPrefix("global.") ? max(2, connections / sharers) : connections,
            maxIdleConnections: values.integer(setting("max_idle_conns")),
            connectionMaxLifetime: values.duration(setting("conn_max_lifetime")))
    }
}

extension ConfigurationValues {
    /// Reads the file of `global.private_key`.
    func signingKey() throws -> SigningKey {
        try SigningKey(pem: String(contentsOfFile: string("global.private_key"), encoding: .utf8))
    }

    /// The sinks of `logging`; without that section, standard error from `info` up.
    fileprivate var logSinks: [Configuration.LogSink] {
        let sinks = (0..<count("logging")).map { index in
            let path = "logging[\(index)]"
            return Configuration.LogSink(
                target: string("\(path).type") == "file" ? .folder(string("\(path).params.path")) : .standardError,
                level: string("\(path).level"), json: string("\(path).params.format") == "json")
        }
        return sinks.isEmpty ? [.init(target: .standardError, level: "info", json: false)] : sinks
    }
}
