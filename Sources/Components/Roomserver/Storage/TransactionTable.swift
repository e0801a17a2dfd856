import Contracts
import SQL

/// A device's transaction in a room.
struct RoomTransaction: Hashable, Sendable {
    let room: Int64
    let key: TransactionKey
}

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

    /// The answers there are, with the next statement that is waited for.
    static func findAhead(
        _ transactions: [(roomID: String, key: TransactionKey)], _ tx: Transaction
    ) throws -> () throws -> [RoomTransaction: RoomReply] {
        let pages = try transactions.pages(of: 1000).map { page in
            let keys = page.map { [$0.roomID, $0.key.userID, $0.key.transactionID] as [any SQLBindable] }
            return try tx.ahead(
                """
                SELECT t.room_nid, t.user_id, t.device_id, t.endpoint, t.transaction_id, t.event_ids, t.seq
                FROM (\(rows: keys)) v JOIN roomserver_rooms r ON r.room_id = v.column1
                JOIN roomserver_transactions t
                    ON t.room_nid = r.room_nid AND t.user_id = v.column2 AND t.transaction_id = v.column3
                """)
        }
        return {
            var found: [RoomTransaction: RoomReply] = [:]
            for page in pages {
                let rows = try page.rows(
                    as: Int64.self, String.self, String.self, String.self, String.self, String.self, Int64.self)
                for (room, user, device, endpoint, transaction, eventIDs, seq) in rows {
                    let key = TransactionKey(userID: user, deviceID: device, endpoint: endpoint, transactionID: transaction)
                    found[RoomTransaction(room: room, key: key)] = RoomReply(
                        eventIDs: EventIDs.read(eventIDs), added: false, seq: seq)
                }
            }
            return found
        }
    }

    static func insert(_ answers: [(key: RoomTransaction, reply: RoomReply)], now: Int64, _ tx: Transaction) throws {
        for page in answers.pages(of: 1000) {
            let values = page.map { answer in
                [
                    answer.key.room, answer.key.key.userID, answer.key.key.transactionID, answer.key.key.deviceID,
                    answer.key.key.endpoint, EventIDs.text(answer.reply.eventIDs), answer.reply.seq, now,
                ] as [any SQLBindable]
            }
            try tx.later(
                """
                INSERT INTO roomserver_transactions
                    (room_nid, user_id, transaction_id, device_id, endpoint, event_ids, seq, created_ts)
                \(rows: values) ON CONFLICT DO NOTHING
                """)
        }
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
