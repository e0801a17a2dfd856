import Matrix
import RoomRules
import Web

/// What a member event says of who its user is.
struct MemberProfile: Sendable {
    let displayName: String?
    let avatarURL: String?
    /// Nil: as they were.
    let isGuest: Bool?

    func differs(from content: JSONObject) -> Bool {
        content["displayname"]?.string != displayName || content["avatar_url"]?.string != avatarURL
            || isGuest.map { GuestMark.put($0, into: content) != content } ?? false
    }

    /// The content of a member event with this profile, without what was said on another occasion.
    func put(into content: JSONObject) -> JSONObject {
        var content = isGuest.map { GuestMark.put($0, into: content) } ?? content
        content["displayname"] = displayName.map { .string($0) }
        content["avatar_url"] = avatarURL.map { .string($0) }
        for field in ["reason", "is_direct", "third_party_invite", "join_authorised_via_users_server"] { content[field] = nil }
        return content
    }
}

/// Asks that a user's member event say who they are now, if they are in the room.
struct ProfileRequest: Sendable {
    let userID: String
    let profile: MemberProfile
    let requestID = RequestID.current

    var neededState: [StateKey] {
        [
            StateKey("m.room.create"), StateKey("m.room.power_levels"), StateKey("m.room.join_rules"),
            StateKey("m.room.history_visibility"), StateKey("m.room.member", userID),
        ]
    }

    /// The event that does it, or nil where nothing has to be done.
    func draft(in edit: RoomEdit) throws -> CheckedDraft? {
        guard let current = try edit.state("m.room.member", userID), current.membership == "join",
            profile.differs(from: current.content)
        else { return nil }
        return CheckedDraft(type: "m.room.member", stateKey: userID, sender: userID, content: profile.put(into: current.content))
    }
}
