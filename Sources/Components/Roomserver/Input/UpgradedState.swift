import Matrix
import RoomRules
import SQL

/// What of a room's state the room that replaces it begins with.
/// [Room upgrades](https://spec.matrix.org/v1.19/client-server-api/#room-upgrades)
struct UpgradedState {
    /// What the new room's `m.room.create` takes from the old one's.
    let creationContent: JSONObject
    /// In the order in which they are sent. Power levels come last: until then the creator has every power.
    let drafts: [CheckedDraft]

    /// What does not matter by whom it was sent.
    private static let carried = [
        "m.room.join_rules", "m.room.history_visibility", "m.room.guest_access", "m.room.server_acl", "m.room.encryption",
        "m.room.name", "m.room.avatar", "m.room.topic", "m.room.canonical_alias",
    ]
    /// What every room has.
    private static let defaults: [String: JSONObject] = [
        "m.room.join_rules": ["join_rule": "invite"], "m.room.history_visibility": ["history_visibility": "shared"],
        "m.room.guest_access": ["guest_access": "forbidden"],
    ]
    /// At most so many bans, and so many rooms of a space.
    private static let most = CheckedDraft.limit / 2 - 20

    init(of old: RoomEdit, for user: String, version: RoomVersion, creators: [String], _ tx: Transaction) throws {
        try old.loadState(Self.carried.map { StateKey($0) })
        let create = try old.state("m.room.create")?.content ?? [:]
        creationContent = JSONObject(["type", "m.federate"].compactMap { key in create[key].map { (key, $0) } })

        func draft(_ type: String, _ stateKey: String, _ content: JSONObject) -> CheckedDraft {
            CheckedDraft(type: type, stateKey: stateKey, sender: user, content: content)
        }
        var member: JSONObject = ["membership": "join"]
        let known = try old.state("m.room.member", user)?.content ?? [:]
        for key in ["displayname", "avatar_url"] { member[key] = known[key] }
        var drafts = [draft("m.room.member", user, member)]
        for type in Self.carried {
            guard var content = try old.state(type)?.content ?? Self.defaults[type], !content.isEmpty else { continue }
            if type == "m.room.join_rules", !version.rules.knows(joinRule: content["join_rule"]?.string) {
                content = ["join_rule": "invite"]
            }
            drafts.append(draft(type, "", content))
        }
        let banned = try MembershipTable.banned(from: old.room.nid, limit: Self.most, tx)
        let bans = try EventTable.find(nids: banned, version: old.room.version, tx).map(\.event)
        let children = create["type"]?.string == "m.space"
            ? try CurrentStateTable.find(type: "m.space.child", in: old.room, limit: Self.most, tx).map(\.event) : []
        for event in bans + children.filter({ $0.content["via"]?.array?.isEmpty == false }) {
            if let stateKey = event.stateKey { drafts.append(draft(event.type, stateKey, event.content)) }
        }
        let levels = try old.powerLevels.content(forUpgradeTo: version, creators: creators)
        self.drafts = drafts + [draft("m.room.power_levels", "", levels)]
    }
}

extension RoomVersionRules {
    /// Whether the version lets anybody in by this join rule.
    fileprivate func knows(joinRule: String?) -> Bool {
        switch joinRule {
        case "knock": allowsKnocking
        case "restricted": allowsRestrictedJoins
        case "knock_restricted": allowsKnockRestricted
        default: true
        }
    }
}
