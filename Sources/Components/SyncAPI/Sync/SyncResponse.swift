import Matrix

/// The answer to `/sync`.
/// [GET /_matrix/client/v3/sync](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync)
struct SyncResponse: Encodable, Sendable {
    var nextBatch: String
    var rooms = Rooms()
    var accountData = Events()
    var presence = Events()
    var toDevice = Events()
    var deviceLists = DeviceLists()
    var deviceOneTimeKeysCount: [String: Int] = [:]
    /// The members that it tells of, by room, to a client that loads them lazily; not part of it.
    var toldMembers: [String: Set<String>] = [:]

    enum CodingKeys: String, CodingKey {
        case rooms, presence
        case nextBatch = "next_batch"
        case accountData = "account_data"
        case toDevice = "to_device"
        case deviceLists = "device_lists"
        case deviceOneTimeKeysCount = "device_one_time_keys_count"
    }

    var isEmpty: Bool { rooms.isEmpty && accountData.events.isEmpty && presence.events.isEmpty }

    struct Events: Encodable, Sendable {
        var events: [RawJSON] = []
    }

    struct DeviceLists: Encodable, Sendable {
        var changed: [String] = []
        var left: [String] = []
    }

    struct Rooms: Encodable, Sendable {
        var join: [String: JoinedRoom] = [:]
        var invite: [String: InvitedRoom] = [:]
        var knock: [String: KnockedRoom] = [:]
        var leave: [String: LeftRoom] = [:]
        var isEmpty: Bool { join.isEmpty && invite.isEmpty && knock.isEmpty && leave.isEmpty }
    }

    struct JoinedRoom: Encodable, Sendable {
        var summary = Summary()
        var state: Events?
        var stateAfter: Events?
        var timeline = Timeline()
        var ephemeral = Events()
        var accountData = Events()
        var unreadNotifications = UnreadNotifications()
        /// Where the filter asks for them.
        var unreadThreadNotifications: [String: UnreadNotifications]?

        enum CodingKeys: String, CodingKey {
            case summary, state, timeline, ephemeral
            case stateAfter = "state_after"
            case accountData = "account_data"
            case unreadNotifications = "unread_notifications"
            case unreadThreadNotifications = "unread_thread_notifications"
        }

        var isEmpty: Bool {
            (state ?? stateAfter)?.events.isEmpty ?? true && timeline.events.isEmpty && !timeline.limited
                && ephemeral.events.isEmpty && accountData.events.isEmpty && summary.isEmpty
        }

        /// The state before the timeline, or after it where the client asked for that.
        mutating func setState(_ events: [RawJSON], isAfter: Bool) {
            if isAfter { stateAfter = Events(events: events) } else { state = Events(events: events) }
        }
    }

    struct LeftRoom: Encodable, Sendable {
        var state: Events?
        var stateAfter: Events?
        var timeline = Timeline()
        var accountData = Events()

        enum CodingKeys: String, CodingKey {
            case state, timeline
            case stateAfter = "state_after"
            case accountData = "account_data"
        }

        mutating func setState(_ events: [RawJSON], isAfter: Bool) {
            if isAfter { stateAfter = Events(events: events) } else { state = Events(events: events) }
        }
    }

    struct InvitedRoom: Encodable, Sendable {
        var inviteState: Events
        enum CodingKeys: String, CodingKey { case inviteState = "invite_state" }
    }

    struct KnockedRoom: Encodable, Sendable {
        var knockState: Events
        enum CodingKeys: String, CodingKey { case knockState = "knock_state" }
    }

    struct Timeline: Encodable, Sendable {
        var events: [RawJSON] = []
        var limited = false
        var prevBatch: String?

        enum CodingKeys: String, CodingKey {
            case events, limited
            case prevBatch = "prev_batch"
        }
    }

    /// Present where it changed.
    struct Summary: Encodable, Sendable {
        var heroes: [String]?
        var joined: Int64?
        var invited: Int64?

        var isEmpty: Bool { heroes == nil && joined == nil && invited == nil }

        enum CodingKeys: String, CodingKey {
            case heroes = "m.heroes"
            case joined = "m.joined_member_count"
            case invited = "m.invited_member_count"
        }
    }

    struct UnreadNotifications: Encodable, Sendable {
        var highlightCount = 0
        var notificationCount = 0

        enum CodingKeys: String, CodingKey {
            case highlightCount = "highlight_count"
            case notificationCount = "notification_count"
        }
    }
}
