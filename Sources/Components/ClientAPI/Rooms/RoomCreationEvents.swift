import Contracts
import Matrix

/// The first events of a room, in the order that the specification gives.
struct RoomCreationEvents: Sendable {
    let asked: RoomCreationRequest
    let creator: String
    let invited: [String]
    let alias: String?
    let version: RoomVersion

    /// What `m.room.create` says beside its version and creator. In rooms whose creators stand above the power levels,
    /// a trusted private chat makes creators of those it invites.
    var creationContent: JSONObject {
        var content = asked.creationContent?.object ?? [:]
        content["room_version"] = nil
        content["creator"] = nil
        if version.rules.creatorsHaveInfinitePower, asked.effectivePreset == .trustedPrivateChat, !invited.isEmpty {
            let given = content["additional_creators"]?.array ?? []
            let added = invited.map { JSON.string($0) }.filter { !given.contains($0) }
            content["additional_creators"] = .array(given + added)
        }
        return content
    }

    /// Everything between the create event and the invites.
    func drafts(profile: JSONObject) throws -> [Draft] {
        var drafts = [
            draft("m.room.member", creator, profile.merging(["membership": "join"])),
            draft("m.room.power_levels", "", try powerLevels()),
        ]
        if let alias { drafts.append(draft("m.room.canonical_alias", "", ["alias": .string(alias)])) }
        let given = Set((asked.initialState ?? []).filter { ($0.stateKey ?? "").isEmpty }.map(\.type))
        for (type, content) in presetEvents where !given.contains(type) { drafts.append(draft(type, "", content)) }
        for event in asked.initialState ?? [] {
            guard let content = event.content.object else {
                throw MatrixError.badJSON("initial_state: the content of \(event.type.prefix(255)) is not an object")
            }
            drafts.append(draft(event.type, event.stateKey ?? "", content))
        }
        if let name = asked.name { drafts.append(draft("m.room.name", "", ["name": .string(name)])) }
        if let topic = asked.topic { drafts.append(draft("m.room.topic", "", topicContent(topic))) }
        return drafts
    }

    func invitation(of userID: String, profile: JSONObject) -> Draft {
        var content = profile
        content["membership"] = "invite"
        if asked.isDirect ?? false { content["is_direct"] = true }
        return draft("m.room.member", userID, content)
    }

    private func draft(_ type: String, _ stateKey: String, _ content: JSONObject) -> Draft {
        Draft(type: type, stateKey: stateKey, sender: creator, content: RawJSON(content))
    }

    private func topicContent(_ topic: String) -> JSONObject {
        ["topic": .string(topic), "m.topic": ["m.text": [["body": .string(topic)]]]]
    }

    private var presetEvents: [(String, JSONObject)] {
        let isPublic = asked.effectivePreset == .publicChat
        var events: [(String, JSONObject)] = [
            ("m.room.join_rules", ["join_rule": isPublic ? "public" : "invite"]),
            ("m.room.history_visibility", ["history_visibility": "shared"]),
        ]
        if !isPublic { events.append(("m.room.guest_access", ["guest_access": "can_join"])) }
        return events
    }

    private func powerLevels() throws -> JSONObject {
        let above = version.rules.creatorsHaveInfinitePower
        var users: JSONObject = [:]
        if !above {
            users[creator] = 100
            if asked.effectivePreset == .trustedPrivateChat { for userID in invited { users[userID] = 100 } }
        }
        var content: JSONObject = [
            "ban": 50, "kick": 50, "redact": 50, "invite": 0, "events_default": 0, "state_default": 50, "users_default": 0,
            "users": .object(users),
            "events": [
                "m.room.name": 50, "m.room.avatar": 50, "m.room.canonical_alias": 50, "m.room.power_levels": 100,
                "m.room.history_visibility": 100, "m.room.encryption": 100, "m.room.server_acl": 100,
                "m.room.tombstone": above ? 150 : 100,
            ],
        ]
        guard let override = asked.powerLevelContentOverride else { return content }
        guard let levels = override.object else {
            throw MatrixError.badJSON("power_level_content_override is not an object")
        }
        for (key, value) in levels { content[key] = value }
        return content
    }
}
