import Matrix
import RoomRules

extension RoomEdit {
    /// A draft as it may be added: in whose name somebody joins a restricted room is not theirs to say, and neither is
    /// whether they are a guest.
    func admitted(_ draft: CheckedDraft, isGuest: Bool) throws -> CheckedDraft {
        guard draft.type == "m.room.member", let target = draft.stateKey else { return draft }
        let joins = draft.content["membership"]?.string == "join" && draft.sender == target
        var content = GuestMark.put(isGuest && joins, into: draft.content)
        content["join_authorised_via_users_server"] = nil
        if joins, isGuest { try requireGuestAccess() }
        if joins, let authoriser = try authoriser(ofJoinBy: target) {
            content["join_authorised_via_users_server"] = .string(authoriser)
        }
        return CheckedDraft(
            type: draft.type, stateKey: target, sender: draft.sender, content: content, originServerTS: draft.originServerTS)
    }

    /// The local user in whose name somebody is let into a restricted room, because they are in one of the rooms that it
    /// allows; nil where nobody need or can be named.
    /// [Restricted rooms](https://spec.matrix.org/v1.19/client-server-api/#restricted-rooms)
    func authoriser(ofJoinBy user: String) throws -> String? {
        guard room.version.rules.allowsRestrictedJoins, let tx, let rules = try state("m.room.join_rules"),
            let rule = rules.content["join_rule"]?.string, rule == "restricted" || rule == "knock_restricted"
        else { return nil }
        let membership = try state("m.room.member", user)?.membership
        if membership == "join" || membership == "invite" || membership == "ban" { return nil }
        guard try MembershipTable.isJoined(user, toAnyOf: JoinCondition.rooms(of: rules.content), tx) else { return nil }
        return try localInviter()
    }

    /// A local user who is in the room and may invite.
    private func localInviter() throws -> String? {
        guard let tx else { return nil }
        let levels = try powerLevels
        let named = (levels.content?["users"]?.object?.keys ?? []) + levels.creators.users
        var candidates = named.filter { author.isLocal($0) && levels.level(of: $0) >= levels.invite }.prefix(100).map(\.self)
        if levels.usersDefault >= levels.invite {
            candidates += try MembershipTable.joined(of: author.serverName, room: room.nid, limit: 1, tx)
        }
        try loadState(candidates.map { StateKey("m.room.member", $0) })
        return try candidates.first {
            try state("m.room.member", $0)?.membership == "join" && levels.level(of: $0) >= levels.invite
        }
    }
}
