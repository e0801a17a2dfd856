import Matrix

/// Events as they were shown before `/sync`: all in flat lists, each naming its room and, twice, who sent it.
enum OldFormat {
    /// An event of a room.
    static func event(_ event: RawJSON, room roomID: String? = nil) -> RawJSON {
        guard var object = event.object else { return event }
        if let roomID { object["room_id"] = .string(roomID) }
        if let sender = object["sender"] { object["user_id"] = sender }
        return RawJSON(.object(object))
    }

    /// A presence event, whose content names the user.
    static func presence(_ event: RawJSON) -> RawJSON {
        guard var object = event.object, let sender = object["sender"] else { return event }
        var content = object["content"]?.object ?? [:]
        content["user_id"] = sender
        object["content"] = .object(content)
        return RawJSON(.object(object))
    }
}

/// What the old endpoints show of a room.
/// [RoomInfo](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3initialsync)
struct OldRoom: Encodable, Sendable {
    struct Messages: Encodable, Sendable {
        var start: String
        var end: String
        /// The oldest first.
        var chunk: [RawJSON]
    }

    var roomID: String
    /// Absent of a room that the user never was in.
    var membership: String?
    var messages: Messages?
    var state: [RawJSON]?
    /// Whether it is listed: `public` or `private`.
    var visibility: String?
    var accountData: [RawJSON]?
    /// The member event that invites the user.
    var invite: RawJSON?
    var inviter: String?
    /// Of a single room; otherwise they stand beside the rooms.
    var presence: [RawJSON]?
    var receipts: [RawJSON]?

    enum CodingKeys: String, CodingKey {
        case membership, messages, state, visibility, invite, inviter, presence, receipts
        case roomID = "room_id"
        case accountData = "account_data"
    }
}
