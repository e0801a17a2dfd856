import SQL

/// The userapi's tables, in the order in which they came. Never edited.
enum Schema {
    static let migrations = [
        Migration("0001 accounts") {
            [
                """
                CREATE TABLE userapi_accounts (
                    user_id \(.text) NOT NULL PRIMARY KEY,
                    kind \(.text) NOT NULL,
                    is_admin \(.boolean) NOT NULL,
                    is_deactivated \(.boolean) NOT NULL,
                    password_hash \(.text),
                    registration_key \(.bytes),
                    created_ts \(.integer) NOT NULL
                )
                """,
                "CREATE UNIQUE INDEX userapi_accounts_registration ON userapi_accounts (registration_key)",
                """
                CREATE TABLE userapi_devices (
                    user_id \(.text) NOT NULL,
                    device_id \(.text) NOT NULL,
                    token_hash \(.bytes),
                    display_name \(.text),
                    last_seen_ip \(.text),
                    last_seen_ts \(.integer),
                    user_agent \(.text),
                    created_ts \(.integer) NOT NULL,
                    PRIMARY KEY (user_id, device_id)
                )
                """,
                "CREATE UNIQUE INDEX userapi_devices_token ON userapi_devices (token_hash)",
                "CREATE TABLE userapi_profiles (user_id \(.text) NOT NULL PRIMARY KEY, fields \(.bytes) NOT NULL)",
                """
                CREATE TABLE userapi_account_data (
                    user_id \(.text) NOT NULL,
                    room_id \(.text) NOT NULL,
                    type \(.text) NOT NULL,
                    content \(.bytes) NOT NULL,
                    PRIMARY KEY (user_id, room_id, type)
                )
                """,
            ]
        },
        Migration("0002 authentication") {
            [
                """
                CREATE TABLE userapi_authentications (
                    session_hash \(.bytes) NOT NULL PRIMARY KEY,
                    sealed \(.bytes) NOT NULL,
                    completed \(.text) NOT NULL,
                    expires_ts \(.integer) NOT NULL
                )
                """,
                "CREATE INDEX userapi_authentications_expiry ON userapi_authentications (expires_ts)",
                """
                CREATE TABLE userapi_registration_nonces (
                    nonce_hash \(.bytes) NOT NULL PRIMARY KEY,
                    expires_ts \(.integer) NOT NULL
                )
                """,
                "CREATE INDEX userapi_registration_nonces_expiry ON userapi_registration_nonces (expires_ts)",
            ]
        },
        Migration("0003 pushers") {
            [
                """
                CREATE TABLE userapi_pushers (
                    user_id \(.text) NOT NULL,
                    app_id \(.text) NOT NULL,
                    pushkey \(.text) NOT NULL,
                    device_id \(.text) NOT NULL,
                    content \(.bytes) NOT NULL,
                    PRIMARY KEY (user_id, app_id, pushkey)
                )
                """,
                "CREATE INDEX userapi_pushers_key ON userapi_pushers (app_id, pushkey)",
            ]
        },
        Migration("0004 third-party identifiers") {
            [
                """
                CREATE TABLE userapi_threepids (
                    medium \(.text) NOT NULL,
                    address \(.text) NOT NULL,
                    user_id \(.text) NOT NULL,
                    validated_ts \(.integer) NOT NULL,
                    added_ts \(.integer) NOT NULL,
                    PRIMARY KEY (medium, address)
                )
                """,
                "CREATE INDEX userapi_threepids_user ON userapi_threepids (user_id)",
                """
                CREATE TABLE userapi_validations (
                    sid \(.text) NOT NULL PRIMARY KEY,
                    secret_hash \(.bytes) NOT NULL,
                    medium \(.text) NOT NULL,
                    address \(.text) NOT NULL,
                    purpose \(.text) NOT NULL,
                    send_attempt \(.integer) NOT NULL,
                    next_link \(.text),
                    validated_ts \(.integer),
                    expires_ts \(.integer) NOT NULL,
                    UNIQUE (address, medium, secret_hash, purpose)
                )
                """,
                "CREATE INDEX userapi_validations_expiry ON userapi_validations (expires_ts)",
                """
                CREATE TABLE userapi_validation_tokens (
                    token_hash \(.bytes) NOT NULL PRIMARY KEY,
                    sid \(.text) NOT NULL,
                    sent_ts \(.integer) NOT NULL
                )
                """,
                "CREATE INDEX userapi_validation_tokens_sid ON userapi_validation_tokens (sid)",
                "ALTER TABLE userapi_authentications ADD COLUMN validation \(.text)",
            ]
        },
        Migration("0005 OpenID tokens") {
            [
                """
                CREATE TABLE userapi_openid_tokens (
                    token_hash \(.bytes) NOT NULL PRIMARY KEY,
                    user_id \(.text) NOT NULL,
                    expires_ts \(.integer) NOT NULL
                )
                """,
                "CREATE INDEX userapi_openid_tokens_user ON userapi_openid_tokens (user_id)",
                "CREATE INDEX userapi_openid_tokens_expiry ON userapi_openid_tokens (expires_ts)",
            ]
        },
        Migration("0006 refresh tokens") {
            [
                "ALTER TABLE userapi_devices ADD COLUMN token_expires_ts \(.integer)",
                "ALTER TABLE userapi_devices ADD COLUMN refresh_hash \(.bytes)",
                "ALTER TABLE userapi_devices ADD COLUMN next_token_hash \(.bytes)",
                "ALTER TABLE userapi_devices ADD COLUMN next_refresh_hash \(.bytes)",
                "ALTER TABLE userapi_devices ADD COLUMN next_expires_ts \(.integer)",
                "CREATE UNIQUE INDEX userapi_devices_refresh ON userapi_devices (refresh_hash)",
                "CREATE UNIQUE INDEX userapi_devices_next_token ON userapi_devices (next_token_hash)",
                "CREATE UNIQUE INDEX userapi_devices_next_refresh ON userapi_devices (next_refresh_hash)",
            ]
        },
        Migration("0007 login tokens") {
            [
                """
                CREATE TABLE userapi_login_tokens (
                    token_hash \(.bytes) NOT NULL PRIMARY KEY,
                    user_id \(.text) NOT NULL,
                    expires_ts \(.integer) NOT NULL
                )
                """,
                "CREATE INDEX userapi_login_tokens_user ON userapi_login_tokens (user_id)",
                "CREATE INDEX userapi_login_tokens_expiry ON userapi_login_tokens (expires_ts)",
            ]
        },
        Migration("0008 erasure") {
            ["ALTER TABLE userapi_accounts ADD COLUMN is_erased \(.boolean) NOT NULL DEFAULT FALSE"]
        },
        Migration("0009 registration tokens") {
            [
                """
                CREATE TABLE userapi_registration_tokens (
                    token \(.text) NOT NULL PRIMARY KEY,
                    uses_allowed \(.integer),
                    completed \(.integer) NOT NULL,
                    expires_ts \(.integer)
                )
                """,
                "ALTER TABLE userapi_authentications ADD COLUMN registration_token \(.text)",
            ]
        },
        Migration("0010 identity servers") {
            [
                """
                CREATE TABLE userapi_threepid_bindings (
                    user_id \(.text) NOT NULL,
                    medium \(.text) NOT NULL,
                    address \(.text) NOT NULL,
                    id_server \(.text) NOT NULL,
                    PRIMARY KEY (user_id, medium, address, id_server)
                )
                """
            ]
        },
        Migration("0011 suspended and locked accounts") {
            [
                "ALTER TABLE userapi_accounts ADD COLUMN is_suspended \(.boolean) NOT NULL DEFAULT FALSE",
                "ALTER TABLE userapi_accounts ADD COLUMN is_locked \(.boolean) NOT NULL DEFAULT FALSE",
            ]
        },
    ]
}
