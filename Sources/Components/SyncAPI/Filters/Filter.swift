import Matrix

/// What a client wants to see of a sync.
/// [Filtering](https://spec.matrix.org/v1.19/client-server-api/#filtering)
/// Shared rather than copied: requests that wait hold one for long.
final class Filter: Codable, Sendable {
    let room: RoomFilter?
    let presence: EventFilter?
    let accountData: EventFilter?
    let eventFields: [String]?
    let eventFormat: EventFormat?

    init(room: RoomFilter? = nil) {
        self.room = room
        (presence, accountData, eventFields, eventFormat) = (nil, nil, nil, nil)
    }

    /// Whether events are as clients see them, or as they came by federation.
    enum EventFormat: String, Codable, Sendable { case client, federation }

    enum CodingKeys: String, CodingKey {
        case room, presence
        case accountData = "account_data"
        case eventFields = "event_fields"
        case eventFormat = "event_format"
    }
}

/// A filter that names rooms: those to show alone, and those to hide in any case.
protocol NamesRooms {
    var rooms: [String]? { get }
    var notRooms: [String]? { get }
}

extension NamesRooms {
    func allows(room roomID: String) -> Bool {
        !(notRooms?.contains(roomID) ?? false) && (rooms?.contains(roomID) ?? true)
    }
}

/// Which rooms, and what of them.
struct RoomFilter: NamesRooms, Codable, Sendable {
    var rooms: [String]?
    var notRooms: [String]?
    var includeLeave: Bool?
    var timeline: EventFilter?
    var state: EventFilter?
    var ephemeral: EventFilter?
    var accountData: EventFilter?

    enum CodingKeys: String, CodingKey {
        case rooms, timeline, state, ephemeral
        case notRooms = "not_rooms"
        case includeLeave = "include_leave"
        case accountData = "account_data"
    }
}

/// Which events, and how many. Types may end or begin with `*`, and hold it anywhere.
struct EventFilter: NamesRooms, Codable, Sendable {
    /// Of a timeline the newest, where what is left out can be paged for; of presence the latest, since it is told again when it
    /// changes. State, account data and receipts are not limited: what is left out of them the client would never learn.
    var limit: Int?
    var types: [String]?
    var notTypes: [String]?
    var senders: [String]?
    var notSenders: [String]?
    var rooms: [String]?
    var notRooms: [String]?
    var containsURL: Bool?
    var lazyLoadMembers: Bool?
    var includeRedundantMembers: Bool?
    var unreadThreadNotifications: Bool?

    enum CodingKeys: String, CodingKey {
        case limit, types, senders, rooms
        case notTypes = "not_types"
        case notSenders = "not_senders"
        case notRooms = "not_rooms"
        case containsURL = "contains_url"
        case lazyLoadMembers = "lazy_load_members"
        case includeRedundantMembers = "include_redundant_members"
        case unreadThreadNotifications = "unread_thread_notifications"
    }

    func allows(type: String) -> Bool {
        !(notTypes?.contains { matches($0, type) } ?? false) && (types?.contains { matches($0, type) } ?? true)
    }

    func allows(sender userID: String) -> Bool {
        !(notSenders?.contains(userID) ?? false) && (senders?.contains(userID) ?? true)
    }

    func allows(_ event: StoredEvent) -> Bool {
        allows(type: event.type) && allows(room: event.roomID) && allows(sender: event.sender)
            && (containsURL.map { $0 == event.containsURL } ?? true)
    }
}

/// Whether a text is matched by a pattern in which `*` stands for anything: in linear time for each piece between stars.
func matches(_ pattern: String, _ text: String) -> Bool {
    let pieces = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
    guard pieces.count > 1, let first = pieces.first, let last = pieces.last else { return pattern.hasSameBytes(as: text) }
    var rest = text.utf8[...]
    guard rest.starts(with: first) else { return false }
    rest = rest.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
        guard let found = rest.firstRange(of: piece) else { return false }
        rest = rest[found.upperBound...]
    }
    return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
}
