/// What is looked for.
/// [POST /_matrix/client/v3/search](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3search)
struct SearchRequest: Decodable, Sendable {
    var searchCategories: Categories

    enum CodingKeys: String, CodingKey { case searchCategories = "search_categories" }

    struct Categories: Decodable, Sendable {
        var roomEvents: RoomEvents?
        enum CodingKeys: String, CodingKey { case roomEvents = "room_events" }
    }

    struct RoomEvents: Decodable, Sendable {
        var searchTerm: String
        var keys: [Key]?
        var filter: EventFilter?
        var orderBy: Order?
        var eventContext: Context?
        var includeState: Bool?
        var groupings: Groupings?

        enum CodingKeys: String, CodingKey {
            case keys, filter, groupings
            case searchTerm = "search_term"
            case orderBy = "order_by"
            case eventContext = "event_context"
            case includeState = "include_state"
        }
    }

    /// What of an event is looked into.
    enum Key: String, Decodable, Sendable, CaseIterable {
        case body = "content.body"
        case name = "content.name"
        case topic = "content.topic"
    }

    /// The best first, or the newest.
    enum Order: String, Decodable, Sendable { case rank, recent }

    /// What is told of what stands around a result.
    struct Context: Decodable, Sendable {
        var beforeLimit: Int?
        var afterLimit: Int?
        var includeProfile: Bool?

        enum CodingKeys: String, CodingKey {
            case beforeLimit = "before_limit"
            case afterLimit = "after_limit"
            case includeProfile = "include_profile"
        }
    }

    struct Groupings: Decodable, Sendable {
        var groupBy: [Group]?
        enum CodingKeys: String, CodingKey { case groupBy = "group_by" }
    }

    struct Group: Decodable, Sendable { var key: GroupKey }

    enum GroupKey: String, Codable, Sendable {
        case room = "room_id"
        case sender
    }
}
