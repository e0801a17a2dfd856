import Matrix

extension PushRuleset {
    /// The rules that every user has from the beginning.
    /// [Predefined rules](https://spec.matrix.org/v1.19/client-server-api/#predefined-rules)
    public static func defaults(for user: String) -> PushRuleset {
        var rules = PushRuleset()
        rules.override = [
            rule(".m.rule.master", isEnabled: false, [], []),
            rule(".m.rule.suppress_notices", [match("content.msgtype", "m.notice")], []),
            rule(
                ".m.rule.invite_for_me",
                [match("type", "m.room.member"), match("content.membership", "invite"), match("state_key", user)],
                ["notify", sound("default")]
            ),
            rule(".m.rule.member_event", [match("type", "m.room.member")], []),
            rule(
                ".m.rule.is_user_mention",
                [["kind": "event_property_contains", "key": "content.m\\.mentions.user_ids", "value": .string(user)]],
                ["notify", sound("default"), highlight]
            ),
            rule(
                ".m.rule.is_room_mention",
                [
                    ["kind": "event_property_is", "key": "content.m\\.mentions.room", "value": true],
                    ["kind": "sender_notification_permission", "key": "room"],
                ],
                ["notify", highlight]
            ),
            rule(".m.rule.tombstone", [match("type", "m.room.tombstone"), match("state_key", "")], ["notify", highlight]),
            rule(".m.rule.reaction", [match("type", "m.reaction")], []),
            rule(".m.rule.room.server_acl", [match("type", "m.room.server_acl"), match("state_key", "")], []),
            rule(
                ".m.rule.suppress_edits",
                [["kind": "event_property_is", "key": "content.m\\.relates_to.rel_type", "value": "m.replace"]], []
            ),
        ]
        rules.underride = [
            rule(".m.rule.call", [match("type", "m.call.invite")], ["notify", sound("ring")]),
            rule(
                ".m.rule.encrypted_room_one_to_one", [betweenTwo, match("type", "m.room.encrypted")],
                ["notify", sound("default")]
            ),
            rule(".m.rule.room_one_to_one", [betweenTwo, match("type", "m.room.message")], ["notify", sound("default")]),
            rule(".m.rule.message", [match("type", "m.room.message")], ["notify"]),
            rule(".m.rule.encrypted", [match("type", "m.room.encrypted")], ["notify"]),
        ]
        return rules
    }

    private static let highlight: JSON = ["set_tweak": "highlight"]
    private static let betweenTwo: JSONObject = ["kind": "room_member_count", "is": "2"]

    private static func sound(_ name: String) -> JSON { ["set_tweak": "sound", "value": .string(name)] }

    private static func match(_ key: String, _ pattern: String) -> JSONObject {
        ["kind": "event_match", "key": .string(key), "pattern": .string(pattern)]
    }

    private static func rule(
        _ ruleID: String, isEnabled: Bool = true, _ conditions: [JSONObject], _ actions: [JSON]
    ) -> PushRule {
        PushRule(
            ruleID: ruleID, isDefault: true, isEnabled: isEnabled, conditions: conditions.map(PushCondition.init),
            actions: actions
        )
    }
}
