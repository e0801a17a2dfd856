import Web

extension ClientAPI {
    /// Rooms: events, creation, membership, the directory, what is ephemeral.
    var roomRoutes: [Endpoint] {
        let client = "/_matrix/client/(r0|v3)"
        let room = "\(client)/rooms/{roomId}"
        return [
            // Getting events for a room
            .get("\(room)/event/{eventId}", .guest) { try await reading.event($0) },
            .get("\(room)/joined_members", .user) { try await reading.joinedMembers($0) },
            .get("\(room)/members", .guest) { try await reading.members($0) },
            .get("\(room)/state", .guest) { try await reading.state($0) },
            .get("\(room)/state/{eventType}", .guest) { try await reading.stateEvent($0) },
            .get("\(room)/state/{eventType}/", .guest) { try await reading.stateEvent($0) },
            .get("\(room)/state/{eventType}/{stateKey}", .guest) { try await reading.stateEvent($0) },
            .get("\(client)/events/{eventId}", .user) { try await reading.event($0) },
            // Sending events to a room
            .put("\(room)/state/{eventType}", .guest, limit: .event) { try await sending.state($0) },
            .put("\(room)/state/{eventType}/", .guest, limit: .event) { try await sending.state($0) },
            .put("\(room)/state/{eventType}/{stateKey}", .guest, limit: .event) { try await sending.state($0) },
            .put("\(room)/send/{eventType}/{txnId}", .guest, limit: .event) { try await sending.message($0) },
            .post("\(room)/send/{eventType}", .user, limit: .event) { try await sending.message($0) },
            // Redactions
            .put("\(room)/redact/{eventId}/{txnId}", .user, limit: .event) { try await sending.redaction($0) },
            .post("\(room)/redact/{eventId}", .user, limit: .event) { try await sending.redaction($0) },
            // Room creation
            .post("\(client)/createRoom", .user) { try await roomCreation($0) },
            // Room aliases
            .put("\(client)/directory/room/{roomAlias}", .user, limit: .small) { try await directory.setAlias($0) },
            .get("\(client)/directory/room/{roomAlias}", .open) { try await directory.alias($0) },
            .delete("\(client)/directory/room/{roomAlias}", .user, limit: .small) { try await directory.removeAlias($0) },
            .get("\(room)/aliases", .user) { try await directory.aliases($0) },
            // Room membership
            .get("\(client)/joined_rooms", .user) { try await reading.joinedRooms($0) },
            .post("\(room)/invite", .user, limit: .small) { try await membership.invite($0) }.limited(by: limiter),
            .post("\(client)/join/{roomIdOrAlias}", .guest, limit: .small) { try await membership.joinByIDOrAlias($0) }
                .limited(by: limiter),
            .post("\(room)/join", .guest, limit: .small) { try await membership.join($0) }.limited(by: limiter),
            .post("\(client)/knock/{roomIdOrAlias}", .user, limit: .small) { try await membership.knock($0) }.limited(by: limiter),
            .post("\(room)/forget", .user, limit: .small) { try await membership.forget($0) }.limited(by: limiter),
            .post("\(room)/leave", .guest, limit: .small) { try await membership.leave($0) }.limited(by: limiter),
            .post("\(room)/kick", .user, limit: .small) { try await membership.kick($0) },
            .post("\(room)/ban", .user, limit: .small) { try await membership.ban($0) },
            .post("\(room)/unban", .user, limit: .small) { try await membership.unban($0) },
            // Reporting content
            .post("\(room)/report", .user, limit: .small) { try await reporting.room($0) }.limited(by: limiter),
            .post("\(room)/report/{eventId}", .user, limit: .small) { try await reporting.event($0) }.limited(by: limiter),
            .post("\(client)/users/{userId}/report", .user, limit: .small) { try await reporting.user($0) }.limited(by: limiter),
            .get("/_synapse/admin/v1/event_reports", .admin) { try await eventReports.list($0) },
            .get("/_synapse/admin/v1/event_reports/{reportId}", .admin) { try await eventReports.report($0) },
            .delete("/_synapse/admin/v1/event_reports/{reportId}", .admin, limit: .small) { try await eventReports.delete($0) },
            // Room upgrades
            .post("\(room)/upgrade", .user, limit: .small) { try await upgrading($0) },
            // Listing rooms
            .get("\(client)/directory/list/room/{roomId}", .open) { try await directory.visibility($0) },
            .put("\(client)/directory/list/room/{roomId}", .user, limit: .small) { try await directory.setVisibility($0) },
            .put("\(client)/directory/list/appservice/{networkId}/{roomId}", .appservice, limit: .small) {
                try await directory.setNetworkVisibility($0)
            },
            .get("\(client)/publicRooms", .open) { try await directory.publicRooms($0) },
            .post("\(client)/publicRooms", .user, limit: .small) { try await directory.searchPublicRooms($0) },
            // Spaces, room summaries, mutual rooms
            .get("/_matrix/client/v1/rooms/{roomId}/hierarchy", .guest) { try await discovery.hierarchy($0) }.limited(by: limiter),
            .get("/_matrix/client/v1/room_summary/{roomIdOrAlias}", .optionalUser) { try await discovery.summary($0) }
                .limited(by: limiter),
            .get("/_matrix/client/v1/mutual_rooms", .user) { try await discovery.mutualRooms($0) }.limited(by: limiter),
            // User directory
            .post("\(client)/user_directory/search", .user, limit: .small) { try await discovery.searchUsers($0) }
                .limited(by: limiter),
            // Typing notifications, receipts, read markers
            .put("\(room)/typing/{userId}", .user, limit: .small) { try await ephemeral.typing($0) },
            .post("\(room)/receipt/{receiptType}/{eventId}", .user, limit: .small) { try await ephemeral.receipt($0) },
            .post("\(room)/read_markers", .user, limit: .small) { try await ephemeral.readMarkers($0) },
            // Presence
            .get("\(client)/presence/{userId}/status", .user) { try await presence.get($0) },
            .put("\(client)/presence/{userId}/status", .user, limit: .small) { try await presence.set($0) }.limited(by: limiter),
        ]
    }

    /// Not there where nobody speaks for the server.
    var serverNoticeRoutes: [Endpoint] {
        guard let notices = config.serverNotices else { return [] }
        let sender = ServerNotices(config: notices, serverName: config.serverName, roomserver: rooms, users: users)
        return [
            .post("/_synapse/admin/v1/send_server_notice", .admin, limit: .event) { try await sender.send($0) },
            .put("/_synapse/admin/v1/send_server_notice/{txnId}", .admin, limit: .event) { try await sender.send($0) },
        ]
    }

    private var reading: RoomReading { RoomReading(roomserver: rooms, sync: sync) }
    private var sending: Sending {
        Sending(roomserver: rooms, sync: sync, invitees: Invitees(serverName: config.serverName, users: users))
    }
    private var directory: Directory { Directory(serverName: config.serverName, roomserver: rooms) }
    private var discovery: Discovery { Discovery(roomserver: rooms) }
    private var membership: Membership {
        Membership(serverName: config.serverName, roomserver: rooms, users: users, thirdParties: thirdParties, identityKeys: identityKeys)
    }
    private var thirdParties: ThirdPartyInvites {
        ThirdPartyInvites(servers: identityServers, roomserver: rooms, users: users)
    }
    private var reporting: Reporting {
        Reporting(serverName: config.serverName, roomserver: rooms, users: users)
    }
    private var eventReports: EventReports { EventReports(roomserver: rooms) }
    private var upgrading: RoomUpgrading { RoomUpgrading(roomserver: rooms, users: users) }
    private var ephemeral: Ephemeral { Ephemeral(roomserver: rooms, users: users, bus: bus) }
    private var presence: UserPresence { UserPresence(isTold: config.tellsPresence, sync: sync, bus: bus) }
    private var roomCreation: RoomCreation {
        RoomCreation(
            serverName: config.serverName, defaultVersion: config.defaultRoomVersion, roomserver: rooms, users: users,
            membership: membership)
    }
}

extension BodyLimit {
    /// What an event may be, and a little for what surrounds it.
    /// [Size limits](https://spec.matrix.org/v1.19/client-server-api/#size-limits)
    static let event = BodyLimit.collected(72 << 10)
}
