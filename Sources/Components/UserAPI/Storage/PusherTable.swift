import Contracts
import Matrix
import SQL

/// Where devices want to be notified.
enum PusherTable {
    static func upsert(_ pusher: Pusher, of userID: String, device deviceID: String, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO userapi_pushers (user_id, app_id, pushkey, device_id, content)
            VALUES (\(userID), \(pusher.appID), \(pusher.pushkey), \(deviceID), \(pusher.content.bytes))
            ON CONFLICT (user_id, app_id, pushkey) DO UPDATE SET device_id = excluded.device_id, content = excluded.content
            """)
    }

    /// Whether a user has so many beside this one, or more.
    static func isFull(_ count: Int, without pusher: Pusher, of userID: String, in tx: Transaction) throws -> Bool {
        try tx.row(
            """
            SELECT 1 FROM userapi_pushers
            WHERE user_id = \(userID) AND NOT (app_id = \(pusher.appID) AND pushkey = \(pusher.pushkey))
            LIMIT 1 OFFSET \(count - 1)
            """, as: Int.self) != nil
    }

    static func pushers(of userID: String, in tx: Transaction) throws -> [Pusher] {
        try tx.rows(
            """
            SELECT app_id, pushkey, content FROM userapi_pushers WHERE user_id = \(userID) ORDER BY app_id, pushkey
            """, as: String.self, String.self, [UInt8].self
        ).map { Pusher(appID: $0, pushkey: $1, content: try RawJSON(validating: $2)) }
    }

    static func delete(_ pushkey: String, app appID: String, of userID: String, in tx: Transaction) throws {
        try tx.run(
            "DELETE FROM userapi_pushers WHERE user_id = \(userID) AND app_id = \(appID) AND pushkey = \(pushkey)")
    }

    /// The same app and key of everybody else.
    static func deleteOthers(_ pusher: Pusher, than userID: String, in tx: Transaction) throws {
        try tx.run(
            """
            DELETE FROM userapi_pushers
            WHERE app_id = \(pusher.appID) AND pushkey = \(pusher.pushkey) AND user_id <> \(userID)
            """)
    }

    static func deleteAll(of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_pushers WHERE user_id = \(userID)")
    }

    static func deleteAll(ofDevices deviceIDs: [String], of userID: String, in tx: Transaction) throws {
        try tx.run("DELETE FROM userapi_pushers WHERE user_id = \(userID) AND device_id \(anyOf: deviceIDs)")
    }
}
