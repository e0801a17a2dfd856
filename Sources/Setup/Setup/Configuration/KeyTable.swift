import Mail

/// Every key that a configuration may have, once: those of Dendrite 0.6.5 and 0.8.4, a few later ones, and ours.
/// What is known, what is warned of and what a value is when the file is silent all come from here.
enum KeyTable {
    static let keys: [ConfigurationKey] =
        global + ConfigurationKey.addresses + ConfigurationKey.databases + clients + federation + media + others + observing
        + earlier

    private static let byPath = Dictionary(keys.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

    /// Every path that has keys beneath it, lists with their `[]`.
    private static let sections: Set<String> = {
        var sections: Set<String> = []
        for key in keys {
            var path = key.path[...]
            while let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) {
                sections.insert(path[cut] == "[" ? String(path[..<cut]) + "[]" : String(path[..<cut]))
                path = path[..<cut]
            }
        }
        return sections
    }()

    /// What keys are when the file is silent.
    private static let standards: [String: ConfigurationValue] = Dictionary(
        keys.compactMap { key in
            guard let standard = key.standard, let node = try? YAMLFile.parse(standard) else { return nil }
            return key.kind.read(node).map { (key.path, $0) }
        }, uniquingKeysWith: { first, _ in first })

    /// The value of a key that the file does not give, where there is one.
    static func standard(of key: ConfigurationKey) -> ConfigurationValue? { standards[key.path] }

    static func key(_ path: String) -> ConfigurationKey? { byPath[pattern(path)] }
    static func isSection(_ path: String) -> Bool { sections.contains(pattern(path)) }
    static func isList(_ path: String) -> Bool { sections.contains(pattern(path) + "[]") }

    /// `logging[3].type` is the row `logging[].type`.
    private static func pattern(_ path: String) -> String { path.contains("[") ? path.replacing(/\[\d+\]/, with: "[]") : path }

    private static let global: [ConfigurationKey] =
        [
            .init("version", .integer(0...1_000)),
            .init("global.server_name", .string),
            .init("global.private_key", .string, "matrix_key.pem"),
            .unused("global.old_private_keys[].private_key", .string),
            .unused("global.old_private_keys[].public_key", .string),
            .unused("global.old_private_keys[].key_id", .string),
            .unused("global.old_private_keys[].expired_at", .integer(ConfigurationKey.natural)),
            .unused("global.key_validity_period", .duration(bare: .nanoseconds(1)), "168h0m0s"),
            .init("global.well_known_server_name", .string, "\"\""),
            .init("global.well_known_client_name", .string, "\"\""),
            .init("global.well_known_support_page", .string, "\"\""),
            .init("global.well_known_support_email", .string, "\"\""),
            .init("global.well_known_support_matrix_id", .string, "\"\""),
            .unused("global.well_known_sliding_sync_proxy", .string, "\"\""),
            .init("global.trusted_third_party_id_servers", .strings, "[]"),
            .unused("global.disable_federation", .boolean, "false"),
            .init("global.server_notices.enabled", .boolean, "false"),
            .init("global.server_notices.local_part", .string, "_server"),
            .init("global.server_notices.display_name", .string, "Server alerts"),
            .init("global.server_notices.avatar_url", .string, "\"\""),
            .init("global.server_notices.avatar", .string, "\"\""),
            .init("global.server_notices.room_name", .string, "Server Alerts"),
            .unused("global.presence.enable_inbound", .boolean, "false"),
            .init("global.presence.enable_outbound", .boolean, "false"),
            .init("global.jetstream.addresses", .natsServers, "[]", secret: true),
            .init("global.jetstream.in_memory", .boolean, "false"),
            .init("global.jetstream.storage_path", .string, "./"),
            .init("global.jetstream.topic_prefix", .string, "Dendrite"),
            .init("global.jetstream.credentials_path", .string, "\"\""),
            .init("global.jetstream.disable_tls_validation", .boolean, "false"),
            .init("global.jetstream.max_stream_bytes", .integer(ConfigurationKey.streamBytes), "268435456"),
            .init("global.internal_api_token", .string, "\"\"", secret: true),
            .unused("global.dns_cache.enabled", .boolean, "false"),
            .unused("global.dns_cache.cache_size", .integer(ConfigurationKey.natural), "256"),
            .unused("global.dns_cache.cache_lifetime", .duration(bare: .nanoseconds(1)), "5m"),
            .unused("global.report_stats.enabled", .boolean, "false"),
            .unused("global.report_stats.endpoint", .string, "\"\""),
            .unused("global.sentry.enabled", .boolean, "false"),
            .unused("global.sentry.dsn", .string, "\"\"", secret: true),
            .unused("global.sentry.environment", .string, "\"\""),
        ] + ConfigurationKey.database("global.database", connections: 70)

    private static let clients: [ConfigurationKey] = [
        .init("client_api.registration_disabled", .boolean, "true"),
        .init("client_api.registration_requires_token", .boolean, "false"),
        .init("client_api.guests_disabled", .boolean, "false"),
        .init("client_api.registration_shared_secret", .string, "\"\"", secret: true),
        .init("client_api.enable_registration_captcha", .boolean, "false"),
        .init("client_api.recaptcha_public_key", .string, "\"\""),
        .init("client_api.recaptcha_private_key", .string, "\"\"", secret: true),
        .init("client_api.recaptcha_bypass_secret", .string, "\"\"", secret: true),
        .init("client_api.recaptcha_siteverify_api", .string, "\"\""),
        .init("client_api.turn.turn_user_lifetime", .string, "\"\""),
        .init("client_api.turn.turn_uris", .strings, "[]"),
        .init("client_api.turn.turn_shared_secret", .string, "\"\"", secret: true),
        .init("client_api.turn.turn_username", .string, "\"\""),
        .init("client_api.turn.turn_password", .string, "\"\"", secret: true),
        .init("client_api.rate_limiting.enabled", .boolean, "true"),
        .init("client_api.rate_limiting.threshold", .integer(ConfigurationKey.count), "5"),
        .init("client_api.rate_limiting.cooloff_ms", .integer(ConfigurationKey.natural), "500"),
        .init("client_api.rate_limiting.exempt_user_ids", .strings, "[]"),
    ]

    private static let federation: [ConfigurationKey] = [
        .unused("federation_api.federation_certificates", .strings, "[]"),
        .unused("federation_api.send_max_retries", .integer(0...1_000), "16"),
        .unused("federation_api.disable_tls_validation", .boolean, "false"),
        .unused("federation_api.prefer_direct_fetch", .boolean, "false"),
        .unused("federation_api.key_perspectives[].server_name", .string),
        .unused("federation_api.key_perspectives[].keys[].key_id", .string),
        .unused("federation_api.key_perspectives[].keys[].public_key", .string),
        .unused("app_service_api.disable_tls_validation", .boolean, "false"),
        .unused("app_service_api.config_files", .strings, "[]"),
    ]

    private static let media: [ConfigurationKey] = [
        .init("media_api.base_path", .string, "./media_store"),
        .init("media_api.max_file_size_bytes", .integer(ConfigurationKey.natural), "10485760"),
        .unused("media_api.dynamic_thumbnails", .boolean, "false"),
        .unused("media_api.max_thumbnail_generators", .integer(ConfigurationKey.count), "10"),
        .unused("media_api.thumbnail_sizes[].width", .integer(ConfigurationKey.count)),
        .unused("media_api.thumbnail_sizes[].height", .integer(ConfigurationKey.count)),
        .unused("media_api.thumbnail_sizes[].method", .choice(["crop", "scale"])),
    ]

    private static let others: [ConfigurationKey] = [
        .init("room_server.default_room_version", .choice((1...12).map(String.init)), "12"),
        .init("sync_api.real_ip_header", .string, "\"\""),
        .init("sync_api.trusted_proxies", .strings, "[]"),
        .init("user_api.bcrypt_cost", .integer(4...31), "10"),
        .init("user_api.access_token_lifetime", .duration(bare: .seconds(1)), "5m"),
        .init("user_api.openid_token_lifetime_ms", .integer(ConfigurationKey.natural), "3600000"),
        .unused("user_api.push_gateway_disable_tls_validation", .boolean, "false"),
        .init("user_api.email.enabled", .boolean, "false"),
        .init("user_api.email.from", .string, "\"\""),
        .init("user_api.email.smtp.host", .string, "\"\""),
        .init("user_api.email.smtp.tls", .choice(SMTPOptions.Security.allCases.map(\.rawValue)), "if_offered"),
        .init("user_api.email.smtp.disable_tls_validation", .boolean, "false"),
        .init("user_api.email.smtp.username", .string, "\"\""),
        .init("user_api.email.smtp.password", .string, "\"\"", secret: true),
    ]

    private static let observing: [ConfigurationKey] =
        [
            .init("global.metrics.enabled", .boolean, "false"),
            .init("global.metrics.basic_auth.username", .string, "\"\""),
            .init("global.metrics.basic_auth.password", .string, "\"\"", secret: true),
            .init("logging[].type", .choice(["std", "file"])),
            .init("logging[].level", .choice(["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"]), "info"),
            .init("logging[].params.path", .string),
            .init("logging[].params.format", .choice(["text", "json"]), "text"),
            .unused("tracing.enabled", .boolean, "false"),
        ]
        + [
            "serviceName", "disabled", "rpc_metrics", "tags", "sampler", "reporter", "headers", "baggage_restrictions",
            "throttler",
        ]
        .map { .unused("tracing.jaeger.\($0)", .anything) }

    /// What only some Dendrites read: sections that have gone, and the experiments.
    private static let earlier: [ConfigurationKey] =
        [
            .unused("global.presence_enabled", .boolean, "false"),
            .unused("edu_server.internal_api.listen", .address),
            .unused("edu_server.internal_api.connect", .url(schemes: ["http", "https"], list: true)),
            .unused("push_server.disable_tls_validation", .boolean, "false"),
            .unused("mscs.mscs", .strings, "[]"),
        ]
        + ["push_server.database", "mscs.database", "user_api.device_database"]
        .flatMap { ConfigurationKey.database($0, connections: 5, acted: false) }
}
