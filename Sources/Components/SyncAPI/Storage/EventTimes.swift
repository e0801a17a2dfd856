import SQL

/// When an event happened as its sender's server has it; of several at one time, the position decides.
struct EventTime: Sendable {
    var timestamp: Int64
    var position: Int64
}

/// What must be known of an event to find it by its time.
struct TimedEvent: Sendable {
    var time: EventTime
    var eventID: String
    var type: String
    var stateKey: String?
    var historyVisibility: String
}

extension EventsTable {
    /// Events of before have it from their own bytes: canonical JSON, where the time stands between these keys.
    static var timesSchema: [SQL] {
        [
            "ALTER TABLE syncapi_events ADD COLUMN origin_server_ts \(.integer) NOT NULL DEFAULT 0",
            """
            UPDATE syncapi_events SET origin_server_ts = COALESCE(
                \(postgres: "substring(convert_from(event, 'UTF8') from '.*\"origin_server_ts\":([0-9]{1,18})[,}]')::bigint",
                  sqlite: "CAST(json_extract(CAST(event AS TEXT), '$.origin_server_ts') AS INTEGER)"), 0)
            """,
            "CREATE INDEX syncapi_events_time ON syncapi_events (room_id, origin_server_ts, position)",
        ]
    }

    /// Events of a room in the order of their times, from a place on, that place left out.
    static func times(
        from place: EventTime, newestFirst: Bool, room roomID: String, limit: Int, in tx: Transaction
    ) throws -> [TimedEvent] {
        let comparison: SQL = newestFirst ? "<" : ">", order: SQL = newestFirst ? "DESC" : "ASC"
        return try tx.rows("""
            SELECT origin_server_ts, position, event_id, type, state_key, history_visibility FROM syncapi_events
            WHERE room_id = \(roomID)
                AND (origin_server_ts, position) \(sql: comparison) (\(place.timestamp), \(place.position))
            ORDER BY origin_server_ts \(sql: order), position \(sql: order) LIMIT \(Int64(limit))
            """, as: Int64.self, Int64.self, String.self, String.self, String?.self, String.self
        ).map { timestamp, position, eventID, type, stateKey, visibility in
            TimedEvent(
                time: EventTime(timestamp: timestamp, position: position), eventID: eventID, type: type, stateKey: stateKey,
                historyVisibility: visibility)
        }
    }
}
