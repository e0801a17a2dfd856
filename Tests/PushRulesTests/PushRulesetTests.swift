import Matrix
import PushRules
import Testing

@Suite struct PushRulesetTests {
    private let rules = PushRuleset.defaults(for: "@alice:a.org")

    private func event(_ content: JSONObject, type: String = "m.room.message", stateKey: String? = nil) -> JSONObject {
        var event: JSONObject = [
            "type": .string(type), "sender": "@bob:b.org", "room_id": "!room:a.org", "event_id": "$e",
            "content": .object(content),
        ]
        event["state_key"] = stateKey.map(JSON.string)
        return event
    }

    private func outcome(
        _ event: JSONObject, members: Int = 5, level: Int64 = 0, rules: PushRuleset? = nil, displayName: String? = "Alice"
    ) -> PushOutcome? {
        let room = PushRoom(memberCount: members, senderLevel: level)
        return (rules ?? self.rules).outcome(for: PushEvent(event, in: room), user: "@alice:a.org", displayName: displayName)
    }

    @Test func theDefaultsAreThoseOfTheSpecification() {
        #expect(
            rules.override.map(\.ruleID) == [
                ".m.rule.master", ".m.rule.suppress_notices", ".m.rule.invite_for_me", ".m.rule.member_event",
                ".m.rule.is_user_mention", ".m.rule.is_room_mention", ".m.rule.tombstone", ".m.rule.reaction",
                ".m.rule.room.server_acl", ".m.rule.suppress_edits",
            ]
        )
        #expect(
            rules.underride.map(\.ruleID) == [
                ".m.rule.call", ".m.rule.encrypted_room_one_to_one", ".m.rule.room_one_to_one", ".m.rule.message",
                ".m.rule.encrypted",
            ]
        )
        #expect(rules.content.isEmpty && rules.room.isEmpty && rules.sender.isEmpty)
        #expect((rules.override + rules.underride).allSatisfy { $0.isDefault })
        #expect((rules.override + rules.underride).filter { !$0.isEnabled }.map(\.ruleID) == [".m.rule.master"])
    }

    @Test func clientsReadARuleAsTheSpecificationWritesIt() throws {
        let rule = try #require(rules.rule(.override, ".m.rule.is_user_mention"))
        let json = try JSON(parsing: try JSONCoder.encode(rule))
        #expect(
            json == [
                "rule_id": ".m.rule.is_user_mention", "default": true, "enabled": true,
                "conditions": [
                    ["kind": "event_property_contains", "key": "content.m\\.mentions.user_ids", "value": "@alice:a.org"]
                ],
                "actions": ["notify", ["set_tweak": "sound", "value": "default"], ["set_tweak": "highlight"]],
            ]
        )
        let all = try JSON(parsing: try JSONCoder.encode(rules))
        #expect(all.object?.keys == ["content", "override", "room", "sender", "underride"])
        #expect(try JSONCoder.decode(PushRuleset.self, from: try JSONCoder.encode(rules)) == rules)
    }

    @Test func aMessageNotifies() {
        let outcome = outcome(event(["body": "hello", "msgtype": "m.text"]))
        #expect(outcome?.ruleID == ".m.rule.message")
        #expect(outcome?.notifies == true)
        #expect(outcome?.sound == nil)
        #expect(outcome?.highlights == false)
    }

    @Test func aMessageBetweenTwoSounds() {
        let outcome = outcome(event(["body": "hello"]), members: 2)
        #expect(outcome?.ruleID == ".m.rule.room_one_to_one")
        #expect(outcome?.sound == "default")
    }

    @Test func aNoticeDoesNotNotify() {
        #expect(outcome(event(["body": "hello", "msgtype": "m.notice"]))?.notifies == false)
    }

    @Test func aMentionHighlights() {
        let outcome = outcome(event(["body": "hello", "m.mentions": ["user_ids": ["@carol:c.org", "@alice:a.org"]]]))
        #expect(outcome?.ruleID == ".m.rule.is_user_mention")
        #expect(outcome?.highlights == true)
    }

    @Test func onlyWhoMayMentionsTheRoom() {
        let mention = event(["body": "hello", "m.mentions": ["room": true]])
        #expect(outcome(mention, level: 50)?.ruleID == ".m.rule.is_room_mention")
        #expect(outcome(mention, level: 49)?.ruleID == ".m.rule.message")
        #expect(outcome(event(["body": "hello", "m.mentions": ["room": "true"]]), level: 50)?.ruleID == ".m.rule.message")
    }

    @Test func anInvitationSounds() {
        let invite = event(["membership": "invite"], type: "m.room.member", stateKey: "@alice:a.org")
        #expect(outcome(invite)?.ruleID == ".m.rule.invite_for_me")
        let other = event(["membership": "invite"], type: "m.room.member", stateKey: "@carol:c.org")
        #expect(outcome(other)?.notifies == false)
    }

    @Test func anEditDoesNotNotify() {
        let edit = event(["body": "* hello", "m.relates_to": ["rel_type": "m.replace"]])
        #expect(outcome(edit)?.ruleID == ".m.rule.suppress_edits")
    }

    @Test func otherStateDoesNotNotify() { #expect(outcome(event([:], type: "m.room.topic", stateKey: "")) == nil) }

    @Test func nobodyIsNotifiedOfWhatTheySent() {
        var own = event(["body": "hello"])
        own["sender"] = "@alice:a.org"
        #expect(outcome(own) == nil)
    }

    @Test func theMasterRuleSilencesAll() {
        var rules = rules
        rules.override[0].isEnabled = false
        #expect(outcome(event(["body": "hello"]), rules: rules)?.notifies == true)
        rules.override[0].isEnabled = true
        #expect(outcome(event(["body": "hello"]), rules: rules)?.ruleID == ".m.rule.master")
        #expect(outcome(event(["body": "hello"]), rules: rules)?.notifies == false)
    }

    @Test func theKindsAreTriedInTheirOrder() {
        var rules = rules
        rules.sender = [PushRule(ruleID: "@bob:b.org", actions: [])]
        #expect(outcome(event(["body": "cake"]), rules: rules)?.kind == .sender)
        rules.room = [PushRule(ruleID: "!room:a.org", actions: ["notify"])]
        #expect(outcome(event(["body": "cake"]), rules: rules)?.kind == .room)
        rules.content = [PushRule(ruleID: "word", pattern: "cake", actions: ["notify"])]
        #expect(outcome(event(["body": "Cake!"]), rules: rules)?.kind == .content)
        #expect(outcome(event(["body": "pancakes"]), rules: rules)?.kind == .room)
    }

    @Test func actionsOfOldMeanNothing() {
        var rules = PushRuleset()
        rules.override = [PushRule(ruleID: "old", conditions: [], actions: ["dont_notify", "coalesce"])]
        #expect(outcome(event(["body": "hello"]), rules: rules)?.notifies == false)
    }
}
