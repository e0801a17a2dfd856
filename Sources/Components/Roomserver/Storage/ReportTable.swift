import Contracts
import SQL

/// `roomserver_reports`: what users told the administrators of events, rooms and users.
enum ReportTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_reports (
                report_nid \(.identity),
                report_key \(.text) NOT NULL UNIQUE,
                reporter \(.text) NOT NULL,
                room_id \(.text),
                event_id \(.text),
                user_id \(.text),
                reason \(.text),
                score \(.integer),
                received_ts \(.integer) NOT NULL
            )
            """,
            "CREATE INDEX roomserver_reports_reporter ON roomserver_reports (reporter)",
        ]
    }

    /// One that is there already, by its key, stays.
    static func insert(_ report: Report, _ tx: Transaction) throws {
        var room: String?, event: String?, user: String?
        switch report.subject {
        case .event(let roomID, let eventID): (room, event) = (roomID, eventID)
        case .room(let roomID): room = roomID
        case .user(let userID): user = userID
        }
        // A database holds no U+0000.
        let reason = report.reason?.filter { $0 != "\0" }
        try tx.run(
            """
            INSERT INTO roomserver_reports (report_key, reporter, room_id, event_id, user_id, reason, score, received_ts)
            VALUES (\(report.key), \(report.reporter), \(room), \(event), \(user), \(reason), \(report.score), \(sql: .now))
            ON CONFLICT (report_key) DO NOTHING
            """)
    }

    static func count(by reporter: String, _ tx: Transaction) throws -> Int {
        try tx.row("SELECT count(*) FROM roomserver_reports WHERE reporter = \(reporter)", as: Int.self) ?? 0
    }

    /// Which reports of events are meant.
    static func ofEvents(by reporter: String?, in roomID: String?) -> SQL {
        var condition: SQL = "p.event_id IS NOT NULL"
        if let reporter { condition = "\(sql: condition) AND p.reporter = \(reporter)" }
        if let roomID { condition = "\(sql: condition) AND p.room_id = \(roomID)" }
        return condition
    }

    static func ofEvent(_ id: Int64) -> SQL { "p.event_id IS NOT NULL AND p.report_nid = \(id)" }

    static func count(_ condition: SQL, _ tx: Transaction) throws -> Int {
        try tx.row("SELECT count(*) FROM roomserver_reports p WHERE \(sql: condition)", as: Int.self) ?? 0
    }

    static func find(_ condition: SQL, oldestFirst: Bool, from: Int, limit: Int, _ tx: Transaction) throws -> [EventReport] {
        let order: SQL = oldestFirst ? "p.report_nid" : "p.report_nid DESC"
        return try tx.rows(
            """
            SELECT p.report_nid, p.received_ts, p.reporter, p.room_id, p.event_id, p.reason, p.score, e.sender, s.name,
                s.canonical_alias
            FROM roomserver_reports p
            LEFT JOIN roomserver_events e ON e.event_id = p.event_id
            LEFT JOIN roomserver_rooms r ON r.room_id = p.room_id
            LEFT JOIN roomserver_summaries s ON s.room_nid = r.room_nid
            WHERE \(sql: condition) ORDER BY \(sql: order) LIMIT \(Int64(limit)) OFFSET \(Int64(from))
            """,
            as: Int64.self, Int64.self, String.self, String.self, String.self, String?.self, Int64?.self, String?.self,
            String?.self, String?.self
        ).map { row in
            EventReport(
                id: row.0, receivedTS: row.1, reporter: row.2, roomID: row.3, eventID: row.4, reason: row.5, score: row.6,
                sender: row.7, roomName: row.8, canonicalAlias: row.9)
        }
    }

    /// False where there is none.
    static func delete(_ id: Int64, _ tx: Transaction) throws -> Bool {
        try tx.changes("DELETE FROM roomserver_reports WHERE report_nid = \(id) AND event_id IS NOT NULL") == 1
    }
}
