import Contracts
import SQL

/// `roomserver_transactions`: the answers to requests of devices, by room, so that a request sent again has the same answer.
enum TransactionTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_transactions (
                room_nid \(.integer) NOT NULL,
                user_id \(.text) NOT NULL,
                transaction_id \(.text) NOT NULL,
                device_id \(.text) NOT NULL,
                endpoint \(.text) NOT NULL,
                event_ids \(.text) NOT NULL,
                seq \(.integer) NOT NULL,
                created_ts \(.integer) NOT NULL,
                PRIMARY KEY (room_nid, user_id, transaction_id, device_id, endpoint)
            )
            """,
            "CREATE INDEX roomserver_transactions_created ON roomserver_transactions (created_ts)",
        ]
    }

    static func find(_ keys: [TransactionKey], room: Int64, _ tx: Transaction) throws -> [TransactionKey: RoomReply] {
        if keys.isEmpty { return [:] }
        let rows = try tx.rows(
            """
            SELECT user_id, device_id, endpoint, transaction_id, event_ids, seq FROM roomserver_transactions
            WHERE room_nid = \(room) AND user_id \(anyOf: Set(keys.map(\.userID)))
                AND transaction_id \(anyOf: Set(keys.map(\.transactionID)))
            """, as: String.self, String.self, String.self, String.self, String.self, Int64.self)
        var found: [TransactionKey: RoomReply] = [:]
        for (user, device, endpoint, transaction, eventIDs, seq) in rows {
            let key = TransactionKey(userID: user, deviceID: device, endpoint: endpoint, transactionID: transaction)
            found[key] = RoomReply(eventIDs: EventIDs.read(eventIDs), added: false, seq: seq)
        }
        return found
    }

    static func insert(
        _ answers: [(key: TransactionKey, reply: RoomReply)], room: Int64, now: Int64, _ tx: Transaction
    ) throws {
        if answers.isEmpty { return }
        let values = answers.map { answer in
            [
                room, answer.key.userID, answer.key.transactionID, answer.key.deviceID, answer.key.endpoint,
                EventIDs.text(answer.reply.eventIDs), answer.reply.seq, now,
            ] as [any SQLBindable]
        }
        try tx.run(
            """
            INSERT INTO roomserver_transactions
                (room_nid, user_id, transaction_id, device_id, endpoint, event_ids, seq, created_ts)
            \(rows: values) ON CONFLICT DO NOTHING
            """)
    }

    /// Lets go of answers older than this many milliseconds, at most `limit` of them; returns how many those were.
    static func prune(olderThan age: Int64, limit: Int, _ tx: Transaction) throws -> Int {
        let key: SQL = "room_nid, user_id, transaction_id, device_id, endpoint"
        return try tx.changes(
            """
            DELETE FROM roomserver_transactions WHERE (\(sql: key)) IN (
                SELECT \(sql: key) FROM roomserver_transactions
                WHERE created_ts < \(sql: .now) - \(age) ORDER BY created_ts LIMIT \(limit)
            )
            """)
    }
}
