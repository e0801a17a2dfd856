import SQL

/// A stretch of a room's events: above one position and up to another.
struct RoomSpan: Sendable {
    var roomID: String
    var low: Int64
    var high: Int64
}

extension [RoomSpan] {
    /// As the table `s` of a statement. There must be one at least.
    var table: SQL {
        "(SELECT column1 AS room_id, column2 AS low, column3 AS high FROM (\(rows: map { [$0.roomID, $0.low, $0.high] })) v) s"
    }
}
