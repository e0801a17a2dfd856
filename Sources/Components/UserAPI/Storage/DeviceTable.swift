import Contracts
import SQL

/// The devices that are logged in; each has the hash of its access token, never the token.
enum DeviceTable {
    /// Whose token it is, and whether the token is too old.
    struct Owner: Sendable {
        var reply: QueryAccessToken.Reply
        var isTooOld: Bool
        /// How long ago the device was seen last, in milliseconds.
        var unseenForMS: Int64
        var userID: String { reply.userID }
        var deviceID: String { reply.deviceID }
    }

    static func owner(ofToken hash: [UInt8], in tx: Transaction) throws -> Owner? {
        try tx.row(
            """
            SELECT d.user_id, d.device_id, a.kind, a.is_admin, a.is_suspended, a.is_locked, d.token_expires_ts, d.last_seen_ts, \(sql: .now)
            FROM userapi_devices d JOIN userapi_accounts a ON a.user_id = d.user_id
            WHERE d.token_hash = \(hash)
            """, as: String.self, String.self, String.self, Bool.self, Bool.self, Bool.self, Int64?.self, Int64?.self, Int64.self
        ).map { row in
            Owner(
                reply: QueryAccessToken.Reply(
                    userID: row.0, deviceID: row.1, kind: AccountKind(rawValue: row.2) ?? .guest, isAdmin: row.3,
                    isSuspended: row.4 ? true : nil, isLocked: row.5 ? true : nil),
                isTooOld: row.6.map { $0 <= row.8 } ?? false, unseenForMS: row.8 - (row.7 ?? 0))
        }
    }

    /// Makes a device, or gives one that is there another token; its name is then kept.
    static func upsert(
        _ device: NewDevice, id: String, of userID: String, tokenLastsMS: Int64?, in tx: Transaction
    ) throws {
        try tx.run(
            """
            INSERT INTO userapi_devices
                (user_id, device_id, token_hash, display_name, last_seen_ip, last_seen_ts, user_agent, created_ts,
                token_expires_ts, refresh_hash)
            VALUES (
                \(userID), \(id), \(Secret.hash(device.accessToken)), \(device.displayName), \(device.ipAddress), \(sql: .now),
                \(device.userAgent), \(sql: .now), \(sql: .now) + \(tokenLastsMS), \(device.refreshToken.map(Secret.hash))
            )
            ON CONFLICT (user_id, device_id) DO UPDATE SET
                token_hash = excluded.token_hash, last_seen_ip = excluded.last_seen_ip,
                last_seen_ts = excluded.last_seen_ts, user_agent = excluded.user_agent,
                token_expires_ts = excluded.token_expires_ts, refresh_hash = excluded.refresh_hash,
                next_token_hash = NULL, next_refresh_hash = NULL, next_expires_ts = NULL
            """)
    }

    /// Notes from where a device was seen just now.
    static func see(_ deviceID: String, of userID: String, from address: String?, by userAgent: String?, in tx: Transaction) throws {
        try tx.run(
            """
            UPDATE userapi_devices SET
                last_seen_ts = \(sql: .now), last_seen_ip = COALESCE(\(address), last_seen_ip),
                user_agent = COALESCE(\(userAgent), user_agent)
            WHERE user_id = \(userID) AND device_id = \(deviceID)
            """)
    }

    static func devices(of userID: String, in tx: Transaction) throws -> [Device] {
        try tx.rows(
            """
            SELECT device_id, display_name, last_seen_ip, last_seen_ts FROM userapi_devices
            WHERE user_id = \(userID) ORDER BY created_ts, device_id
            """, as: String.self, String?.self, String?.self, Int64?.self
        ).map { Device(deviceID: $0.0, displayName: $0.1, lastSeenIP: $0.2, lastSeenTS: $0.3) }
    }

    static func device(_ deviceID: String, of userID: String, in tx: Transaction) throws -> Device? {
        try tx.row(
            """
            SELECT device_id, display_name, last_seen_ip, last_seen_ts FROM userapi_devices
            WHERE user_id = \(userID) AND device_id = \(deviceID)
            """, as: String.self, String?.self, String?.self, Int64?.self
        ).map { Device(deviceID: $0.0, displayName: $0.1, lastSeenIP: $0.2, lastSeenTS: $0.3) }
    }

    static func connections(of userID: String, in tx: Transaction) throws -> [QueryConnections.Connection] {
        try tx.rows(
            """
            SELECT device_id, last_seen_ip, last_seen_ts, user_agent FROM userapi_devices
            WHERE user_id = \(userID) ORDER BY created_ts, device_id
            """, as: String.self, String?.self, Int64?.self, String?.self
        ).map { QueryConnections.Connection(deviceID: $0.0, ipAddress: $0.1, lastSeenTS: $0.2, userAgent: $0.3) }
    }

    /// Whether a user has this many devices, or more.
    static func hasDevices(_ count: Int, of userID: String, in tx: Transaction) throws -> Bool {
        try tx.row(
            "SELECT created_ts FROM userapi_devices WHERE user_id = \(userID) LIMIT 1 OFFSET \(count - 1)", as: Int64.self) != nil
    }

    /// False where there is no such device.
    static func rename(_ deviceID: String, of userID: String, to name: String?, in tx: Transaction) throws -> Bool {
        try tx.changes(
            """
            UPDATE userapi_devices SET display_name = \(name)
            WHERE user_id = \(userID) AND device_id = \(deviceID)
            """) == 1
    }

    static func delete(_ deviceIDs: [String], of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_devices WHERE user_id = \(userID) AND device_id \(anyOf: deviceIDs)")
        try PusherTable.deleteAll(ofDevices: deviceIDs, of: userID, in: tx)
    }

    /// Deletes every device of a user but one, and tells which.
    static func deleteAll(of userID: String, except kept: String?, in tx: Transaction) throws -> [String] {
        let gone = try devices(of: userID, in: tx).map(\.deviceID).filter { $0 != kept }
        if !gone.isEmpty { try delete(gone, of: userID, in: tx) }
        return gone
    }
}
