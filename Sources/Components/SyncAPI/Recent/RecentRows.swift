import SQL
import Topics

/// The rows that were written between two positions, and what they are told with.
struct RecentRows: Sendable {
    var events: [StoredEvent]
    /// The member events in force of those who sent the events.
    var members: [StoredEvent]
    var receipts: [(position: Int64, receipt: Receipt)]
    var typing: [String: [String]]
    var notifications: [NotificationsTable.Row]
    var differences: [NotificationsTable.Difference]
    /// Nil: of too many rooms to keep.
    var presences: [RecentPresence]? = []

    /// - Parameter news: which rooms and users were touched, and up to which position.
    /// - Parameter withPresence: whether it matters who is there.
    init(_ news: Notifier.News, above low: Int64, withPresence: Bool = false, in tx: Transaction) throws {
        let spans = news.roomIDs.map { RoomSpan(roomID: $0, low: low, high: news.position) }
        let notifying = try NotificationsTable.ahead(above: low, through: news.position, in: tx)
        events = try EventsTable.all(above: low, through: news.position, in: tx)
        var senders: [String: Set<String>] = [:]
        for event in events { senders[event.roomID, default: []].insert(event.sender) }
        members = try EventsTable.members(
            senders.flatMap { room, users in
                users.map { MemberSpan(userID: $0, span: RoomSpan(roomID: room, low: 0, high: news.position)) }
            }, in: tx
        ).values.flatMap(\.self)
        receipts = try ReceiptsTable.all(spans, in: tx)
        typing = try TypingTable.changed(spans, in: tx)
        (notifications, differences) = try notifying()
        if withPresence { presences = try Self.presences(above: low, through: news.position, in: tx) }
    }

    private static func presences(above low: Int64, through high: Int64, in tx: Transaction) throws -> [RecentPresence]? {
        let rows = try PresenceTable.changed(above: low, through: high, in: tx)
        let places = try PresenceTable.rooms(of: rows.map(\.userID), limit: RecentPresence.mostRooms + 1, in: tx)
        if places.count > RecentPresence.mostRooms { return nil }
        let rooms = Dictionary(grouping: places, by: \.userID).mapValues { Set($0.map(\.roomID)) }
        return rows.map { RecentPresence(row: $0, rooms: rooms[$0.userID] ?? []) }
    }
}
