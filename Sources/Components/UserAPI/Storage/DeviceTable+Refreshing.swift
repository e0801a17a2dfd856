import SQL

/// A device that refreshes has two pairs of tokens at times: the one it uses, and the next, which it was given and has not
/// used yet. The next takes the place of the other as soon as one of its tokens is shown.
/// [Refreshing access tokens](https://spec.matrix.org/v1.19/client-server-api/#refreshing-access-tokens)
extension DeviceTable {
    struct Key: Sendable {
        var userID: String
        var deviceID: String
    }

    /// The device whose refresh token this is, kept as it is by its row's lock until the transaction ends.
    static func device(refreshedBy hash: [UInt8], in tx: Transaction) throws -> Key? {
        try tx.row(
            "SELECT user_id, device_id FROM userapi_devices WHERE refresh_hash = \(hash) \(sql: .forUpdate)",
            as: String.self, String.self
        ).map { Key(userID: $0.0, deviceID: $0.1) }
    }

    /// Gives a device its next pair, instead of one that it was given before and did not use.
    static func setNext(
        token: [UInt8], refresh: [UInt8], lastingMS: Int64, of device: Key, in tx: Transaction
    ) throws {
        try tx.run(
            """
            UPDATE userapi_devices SET
                next_token_hash = \(token), next_refresh_hash = \(refresh), next_expires_ts = \(sql: .now) + \(lastingMS)
            WHERE user_id = \(device.userID) AND device_id = \(device.deviceID)
            """)
    }

    static func isNext(token hash: [UInt8], in tx: Transaction) throws -> Bool {
        try tx.row("SELECT 1 FROM userapi_devices WHERE next_token_hash = \(hash)", as: Int.self) != nil
    }

    /// Puts the next pair in the place of the other; does nothing where that was done before.
    static func useNext(token hash: [UInt8], in tx: Transaction) throws {
        try tx.run("\(sql: taken) WHERE next_token_hash = \(hash)")
    }

    /// The same, by its refresh token; false where it is nobody's.
    static func useNext(refresh hash: [UInt8], in tx: Transaction) throws -> Bool {
        try tx.changes("\(sql: taken) WHERE next_refresh_hash = \(hash)") == 1
    }

    private static let taken: SQL = """
        UPDATE userapi_devices SET
            token_hash = next_token_hash, token_expires_ts = next_expires_ts, refresh_hash = next_refresh_hash,
            next_token_hash = NULL, next_refresh_hash = NULL, next_expires_ts = NULL
        """
}
