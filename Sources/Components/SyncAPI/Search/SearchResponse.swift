import Matrix

/// What was found.
/// [POST /_matrix/client/v3/search](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3search)
struct SearchResponse: Encodable, Sendable {
    var searchCategories = Categories()

    enum CodingKeys: String, CodingKey { case searchCategories = "search_categories" }

    struct Categories: Encodable, Sendable {
        var roomEvents: RoomEvents?
        enum CodingKeys: String, CodingKey { case roomEvents = "room_events" }
    }

    struct RoomEvents: Encodable, Sendable {
        /// Of all pages, about.
        var count: Int64
        var highlights: [String]
        var results: [Result] = []
        /// The state of the rooms of the results, where that was asked for.
        var state: [String: [RawJSON]]?
        /// By what they were grouped by, then by its value.
        var groups: [String: [String: Group]]?
        /// Absent where there is nothing more.
        var nextBatch: String?

        enum CodingKeys: String, CodingKey {
            case count, highlights, results, state, groups
            case nextBatch = "next_batch"
        }
    }

    struct Result: Encodable, Sendable {
        var rank: Double
        var result: RawJSON
        var context: Context?
    }

    struct Context: Encodable, Sendable {
        var start: String
        var end: String
        /// The newest first.
        var eventsBefore: [RawJSON]
        var eventsAfter: [RawJSON]
        var profileInfo: [String: Profile]?

        enum CodingKeys: String, CodingKey {
            case start, end
            case eventsBefore = "events_before"
            case eventsAfter = "events_after"
            case profileInfo = "profile_info"
        }
    }

    /// What somebody was called when an event was sent.
    struct Profile: Encodable, Sendable {
        var displayName: String?
        var avatarURL: String?

        enum CodingKeys: String, CodingKey {
            case displayName = "displayname"
            case avatarURL = "avatar_url"
        }
    }

    struct Group: Encodable, Sendable {
        /// Its place among the groups.
        var order: Int
        var results: [String] = []
        var nextBatch: String?

        enum CodingKeys: String, CodingKey {
            case order, results
            case nextBatch = "next_batch"
        }
    }
}
