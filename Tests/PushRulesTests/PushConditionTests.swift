import Matrix
import PushRules
import Testing

@Suite struct PushConditionTests {
    private let event: JSONObject = [
        "type": "m.room.message", "sender": "@bob:b.org",
        "content": [
            "body": "Hello Alice, cake?", "number": 5, "float": 1.5, "nothing": nil, "m.federate": true, "a\\b": "c",
            "list": ["x", 5, true, ["deep"]], "nested": ["m.deep": ["value": "found"]],
        ],
    ]

    private func holds(
        _ condition: JSONObject, members: Int = 5, level: Int64 = 0, levels: [String: Int64] = [:], name: String? = "Alice"
    ) -> Bool {
        let room = PushRoom(memberCount: members, senderLevel: level, notificationLevels: levels)
        return PushCondition(condition).holds(for: PushEvent(event, in: room), displayName: name)
    }

    @Test func eventMatchMatchesTheWholeOfAString() {
        #expect(holds(["kind": "event_match", "key": "type", "pattern": "M.ROOM.*"]))
        #expect(!holds(["kind": "event_match", "key": "type", "pattern": "m.room"]))
        #expect(!holds(["kind": "event_match", "key": "content.number", "pattern": "5"]))
        #expect(!holds(["kind": "event_match", "key": "content.absent", "pattern": "*"]))
        #expect(!holds(["kind": "event_match", "key": "type"]))
    }

    @Test func eventMatchMatchesWordsOfTheBody() {
        #expect(holds(["kind": "event_match", "key": "content.body", "pattern": "cake"]))
        #expect(!holds(["kind": "event_match", "key": "content.body", "pattern": "cak"]))
    }

    @Test func dotsAndBackslashesInNamesAreEscaped() {
        #expect(holds(["kind": "event_match", "key": "content.nested.m\\.deep.value", "pattern": "found"]))
        #expect(!holds(["kind": "event_match", "key": "content.nested.m.deep.value", "pattern": "found"]))
        #expect(holds(["kind": "event_match", "key": "content.a\\\\b", "pattern": "c"]))
        #expect(holds(["kind": "event_match", "key": "content.a\\b", "pattern": "c"]))
    }

    @Test func eventPropertyIsComparesExactly() {
        #expect(holds(["kind": "event_property_is", "key": "content.m\\.federate", "value": true]))
        #expect(!holds(["kind": "event_property_is", "key": "content.m\\.federate", "value": "true"]))
        #expect(!holds(["kind": "event_property_is", "key": "content.m\\.federate", "value": 1]))
        #expect(holds(["kind": "event_property_is", "key": "content.number", "value": 5]))
        #expect(holds(["kind": "event_property_is", "key": "content.nothing", "value": nil]))
        #expect(!holds(["kind": "event_property_is", "key": "content.absent", "value": nil]))
        #expect(!holds(["kind": "event_property_is", "key": "content.float", "value": 1.5]))
        #expect(!holds(["kind": "event_property_is", "key": "content.list", "value": ["x", 5, true, ["deep"]]]))
    }

    @Test func eventPropertyContainsLooksIntoAList() {
        #expect(holds(["kind": "event_property_contains", "key": "content.list", "value": "x"]))
        #expect(holds(["kind": "event_property_contains", "key": "content.list", "value": 5]))
        #expect(!holds(["kind": "event_property_contains", "key": "content.list", "value": "X"]))
        #expect(!holds(["kind": "event_property_contains", "key": "content.list", "value": ["deep"]]))
        #expect(!holds(["kind": "event_property_contains", "key": "content.body", "value": "Hello"]))
    }

    @Test func containsDisplayNameLooksForWords() {
        #expect(holds(["kind": "contains_display_name"]))
        #expect(holds(["kind": "contains_display_name"], name: "alice"))
        #expect(!holds(["kind": "contains_display_name"], name: "lice"))
        #expect(!holds(["kind": "contains_display_name"], name: ""))
        #expect(!holds(["kind": "contains_display_name"], name: nil))
    }

    @Test(arguments: [
        ("5", true), ("==5", true), ("4", false), ("<5", false), ("<6", true), ("<=5", true), (">5", false), (">=5", true),
        (">4", true), ("", false), ("x", false), ("=5", false), (">", false), ("-5", false), ("99999999999999999999999", false),
    ])
    func roomMemberCountCompares(_ comparison: String, _ expected: Bool) {
        #expect(holds(["kind": "room_member_count", "is": .string(comparison)]) == expected)
    }

    @Test func senderNotificationPermissionAsksForTheLevel() {
        let condition: JSONObject = ["kind": "sender_notification_permission", "key": "room"]
        #expect(holds(condition, level: 50))
        #expect(!holds(condition, level: 49))
        #expect(holds(condition, level: 20, levels: ["room": 20]))
        #expect(!holds(["kind": "sender_notification_permission"], level: 100))
    }

    @Test func anUnknownConditionNeverHolds() {
        #expect(!holds(["kind": "org.example.always"]))
        #expect(!holds([:]))
    }
}
