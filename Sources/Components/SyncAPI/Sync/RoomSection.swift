/// One room of an answer, as far as it has been read.
struct RoomSection: Sendable {
    let row: MembershipRow
    let history: MembershipHistory
    /// Whether the client has nothing of the user's present time in the room.
    let isNew: Bool
    /// Where the timeline begins if nothing is left out.
    let low: Int64
    /// The last position to show: after leaving, that of the leaving.
    let high: Int64
    var timeline: Timeline
    var summary = SyncResponse.Summary()
    var state: [StoredEvent] = []

    var roomID: String { row.roomID }
    /// Whose member events it shows.
    var members: Set<String> {
        Set((state + timeline.events).filter { $0.type == "m.room.member" }.compactMap(\.stateKey))
    }
    var isJoined: Bool { row.membership == "join" }

    init(_ row: MembershipRow, _ history: MembershipHistory, request: SyncRequest, position: Int64) {
        self.row = row
        self.history = history
        let since = request.since ?? 0
        // Who left and came back since then knows the room as it was.
        isNew = request.since == nil || history.membership(at: since) != "join"
        low = row.membership == "join" && isNew ? 0 : since
        high = row.membership == "join" ? position : row.position
        timeline = Timeline(start: high)
    }

    /// The newest events of the room that the user may and wants to see.
    struct Timeline: Sendable {
        /// The oldest first.
        var events: [StoredEvent] = []
        /// Whether there are more, above where it was to begin.
        var limited = false
        /// Everything above this position is in `events`, or was left out by the filter or for the user may not see it.
        var start: Int64
        /// The state that was left out, the oldest first.
        var hidden: [StoredEvent] = []
    }
}
