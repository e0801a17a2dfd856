import Contracts
import Matrix
import RoomRules
import SQL

/// What a room says of itself to those outside, and who of them may know it.
struct RoomOutline {
    let room: RoomRow
    private let listed: QueryPublicRooms.Room
    private let encryption: String?
    /// The rooms whose members may join this one.
    private let allowed: [String]

    /// Nil where there is no such room.
    init?(of roomID: String, _ tx: Transaction) throws {
        guard let room = try RoomTable.find(roomID, tx) else { return nil }
        try self.init(room, tx)
    }

    init?(_ room: RoomRow, _ tx: Transaction) throws {
        guard let listed = try DirectoryTable.room(room.nid, tx) else { return nil }
        self.room = room
        self.listed = listed
        let state = try CurrentStateTable.find([StateKey("m.room.join_rules"), StateKey("m.room.encryption")], in: room, tx)
        func content(_ type: String) -> JSONObject? { state.first { $0.event.type == type }?.event.content }
        encryption = content("m.room.encryption")?["algorithm"]?.string
        let isRestricted = listed.joinRule == "restricted" || listed.joinRule == "knock_restricted"
        allowed = isRestricted ? JoinCondition.rooms(of: content("m.room.join_rules") ?? [:]) : []
    }

    var isSpace: Bool { listed.roomType == "m.space" }

    /// Whether somebody, perhaps not even a user, may know of the room.
    /// [Space hierarchies](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy)
    func isKnown(to userID: String?, _ tx: Transaction) throws -> Bool {
        if listed.worldReadable { return true }
        switch try userID.flatMap({ try MembershipTable.find($0, room: room.nid, tx) })?.membership {
        case "join", "invite": return true
        case "ban": return false
        default: break
        }
        let rules = room.version.rules
        switch listed.joinRule {
        case "public": return true
        case "knock": return rules.allowsKnocking
        case "knock_restricted": return rules.allowsKnockRestricted
        case "restricted":
            guard let userID, rules.allowsRestrictedJoins, !allowed.isEmpty else { return false }
            return try MembershipTable.isJoined(userID, toAnyOf: allowed, tx)
        default: return false
        }
    }

    func summary(children: [RawJSON]? = nil, membership: String? = nil) -> SummarizedRoom {
        SummarizedRoom(
            listed, allowedRoomIDs: allowed.isEmpty ? nil : allowed, encryption: encryption, roomVersion: room.version.rawValue,
            childrenState: children, membership: membership)
    }
}
