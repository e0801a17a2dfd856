import SQL

/// `roomserver_erased`: whose events are seen redacted by whoever was not in the room then.
enum ErasedTable {
    static var schema: [SQL] { ["CREATE TABLE roomserver_erased (user_id \(.text) NOT NULL PRIMARY KEY)"] }

    static func insert(_ userID: String, _ tx: Transaction) throws {
        try tx.run("INSERT INTO roomserver_erased (user_id) VALUES (\(userID)) ON CONFLICT (user_id) DO NOTHING")
    }

    /// Those of the users who are erased.
    static func among(_ userIDs: Set<String>, _ tx: Transaction) throws -> Set<String> {
        if userIDs.isEmpty { return [] }
        return Set(try tx.rows("SELECT user_id FROM roomserver_erased WHERE user_id \(anyOf: Array(userIDs))", as: String.self))
    }

    static func contains(_ userID: String, _ tx: Transaction) throws -> Bool {
        try tx.row("SELECT 1 FROM roomserver_erased WHERE user_id = \(userID)", as: Int.self) != nil
    }
}
