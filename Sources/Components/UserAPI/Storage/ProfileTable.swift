import Matrix
import SQL

/// The profiles of local users: an object a row, as it is bounded as a whole.
enum ProfileTable {
    static func fields(of userID: String, in tx: Transaction) throws -> [UInt8]? {
        try tx.row("SELECT fields FROM userapi_profiles WHERE user_id = \(userID)", as: [UInt8].self)
    }

    /// The same, with one piece of the user's global account data.
    static func fields(
        of userID: String, withAccountData type: String, in tx: Transaction
    ) throws -> (fields: [UInt8], data: [UInt8]?)? {
        try tx.row(
            """
            SELECT p.fields, d.content FROM userapi_profiles p
            LEFT JOIN userapi_account_data d ON d.user_id = p.user_id AND d.room_id = '' AND d.type = \(type)
            WHERE p.user_id = \(userID)
            """, as: [UInt8].self, [UInt8]?.self
        ).map { (fields: $0.0, data: $0.1) }
    }

    /// The same, read.
    static func profile(of userID: String, in tx: Transaction) throws -> JSONObject? {
        try fields(of: userID, in: tx).map { try JSON(parsing: $0).object ?? [:] }
    }

    /// The same, kept as it is by the row's lock until the transaction ends.
    static func lockedFields(of userID: String, in tx: Transaction) throws -> [UInt8]? {
        try tx.row("SELECT fields FROM userapi_profiles WHERE user_id = \(userID) \(sql: .forUpdate)", as: [UInt8].self)
    }

    static func insert(_ fields: JSONObject, of userID: String, in tx: Transaction) throws {
        try tx.run("INSERT INTO userapi_profiles (user_id, fields) VALUES (\(userID), \(RawJSON(fields).bytes))")
    }

    static func update(_ fields: [UInt8], of userID: String, in tx: Transaction) throws {
        try tx.run("UPDATE userapi_profiles SET fields = \(fields) WHERE user_id = \(userID)")
    }
}
