import Contracts
import SQL

/// The devices that are logged in; each has the hash of its access token, never the token.
enum DeviceTable {
    /// Whose a token is.
    static func owner(ofToken hash: [UInt8], in tx: Transaction) throws -> QueryAccessToken.Reply? {
        try tx.row(
            """
            SELECT d.user_id, d.device_id, a.kind, a.is_admin
            FROM userapi_devices d JOIN userapi_accounts a ON a.user_id = d.user_id
            WHERE d.token_hash = \(hash)
            """, as: String.self, String.self, String.self, Bool.self
        ).map {
            QueryAccessToken.Reply(
                userID: $0.0, deviceID: $0.1, kind: AccountKind(rawValue: $0.2) ?? .guest, isAdmin: $0.3)
        }
    }

    /// Makes a device, or gives one that is there another token; its name is then kept.
    static func upsert(_ device: NewDevice, id: String, of userID: String, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO userapi_devices
                (user_id, device_id, token_hash, display_name, last_seen_ip, last_seen_ts, user_agent, created_ts)
            VALUES (
                \(userID), \(id), \(Secret.hash(device.accessToken)), \(device.displayName), \(device.ipAddress), \(sql: .now),
                \(device.userAgent), \(sql: .now)
            )
            ON CONFLICT (user_id, device_id) DO UPDATE SET
                token_hash = excluded.token_hash, last_seen_ip = excluded.last_seen_ip,
                last_seen_ts = excluded.last_seen_ts, user_agent = excluded.user_agent
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
