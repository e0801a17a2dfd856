import Matrix
import PushRules
import TestSupport
import Testing

@testable import SyncAPI

/// How much is unread.
@Suite struct UnreadTests {
    @Test(arguments: TestDatabase.allCases) func whatOthersSayIsUnreadUntilItIsRead(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.say("before bob came", in: room)
            try await world.move(.join, bob, in: room)
            let one = try await world.say("one", in: room)
            try await world.say("two", in: room)
            try await world.say("own", in: room, by: bob)
            try await world.send(room, "m.room.message", ["msgtype": "m.notice", "body": "a notice"])
            try await world.send(room, "m.reaction", ["m.relates_to": ["rel_type": "m.annotation", "event_id": .string(one), "key": "x"]])
            let first = try await world.sync(bob)
            #expect(first.joined(room)?.unread == "2 0")
            #expect(try await world.sync(alice).joined(room)?.unread == "1 0")
            try await world.read(one, in: room, by: bob)
            let second = try await world.awaitSync(bob, since: first.next) { $0.joined(room)?.unread == "1 0" }
            let mention: JSONObject = [
                "msgtype": "m.text", "body": "hey", "m.mentions": ["user_ids": [.string(bob), .string(carol)]],
            ]
            let three = try await world.send(room, "m.room.message", mention)
            let third = try await world.awaitSync(bob, since: second.next) { $0.joined(room)?.unread == "2 1" }
            try await world.read(three, in: room, by: bob, type: "m.read.private")
            _ = try await world.awaitSync(bob, since: third.next) { $0.joined(room)?.unread == "0 0" }
        }
    }

    @Test(arguments: TestDatabase.allCases) func threadsAreCountedByThemselvesWhereThatIsAskedFor(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let one = try await world.say("one", in: room), two = try await world.say("two", in: room)
            let answer = try await world.relate("m.thread", to: one, in: room, "m.room.message", ["msgtype": "m.text"])
            try await world.relate("m.thread", to: one, in: room, "m.room.message", ["msgtype": "m.text"])
            let filter: JSON = ["room": ["timeline": ["unread_thread_notifications": true]]]
            #expect(try await world.sync(bob).joined(room)?.unread == "4 0")
            #expect(try await world.sync(bob).joined(room)?.json["unread_thread_notifications"] == nil)
            let first = try await world.sync(bob, filter: filter)
            #expect(first.joined(room)?.unread == "2 0")
            #expect(first.joined(room)?.unread(in: one) == "2 0")
            try await world.read(answer, in: room, by: bob, thread: one)
            let second = try await world.awaitSync(bob, since: first.next, filter: filter) { $0.joined(room)?.unread(in: one) == "1 0" }
            #expect(second.joined(room)?.unread == "2 0")
            try await world.read(two, in: room, by: bob, thread: "main")
            let third = try await world.awaitSync(bob, since: second.next, filter: filter) { $0.joined(room)?.unread == "0 0" }
            #expect(third.joined(room)?.unread(in: one) == "1 0")
            let last = try await world.say("three", in: room)
            let unread = try await world.awaitSync(bob, since: third.next, filter: filter) { $0.joined(room)?.unread == "1 0" }
            try await world.read(last, in: room, by: bob)
            let fourth = try await world.awaitSync(bob, since: unread.next, filter: filter) { $0.joined(room)?.unread(in: one) == "0 0" }
            #expect(fourth.joined(room)?.unread == "0 0")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoeverHasOtherRulesIsCountedForByThem(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), other = try await world.createRoom()
            for room in [room, other] { try await world.move(.join, bob, in: room) }
            try await world.setRules(of: bob) { rules in
                rules.room = [PushRule(ruleID: room, actions: [])]
                rules.content = [PushRule(ruleID: "cake", pattern: "cake", actions: ["notify", ["set_tweak": "highlight"]])]
            }
            let first = try await world.awaitSync(bob, since: "s1_0") { answer in
                answer.json["account_data"]?["events"]?.array?.contains { $0["content"]?["global"]?["room"]?[0] != nil } ?? false
            }
            for room in [room, other] { try await world.say("nothing much", in: room) }
            let second = try await world.awaitSync(bob, since: first.next) { $0.joined(other)?.unread == "1 0" }
            #expect(try await world.sync(bob).joined(room)?.unread == "0 0")
            try await world.say("have some CAKE!", in: room)
            #expect(try await world.sync(bob).joined(room)?.unread == "1 1")
            // Back to what everybody has: what was counted stays as it was.
            try await world.setRules(of: bob) { _ in }
            try await world.say("more", in: other)
            _ = try await world.awaitSync(bob, since: second.next) { $0.joined(other)?.unread == "2 0" }
            #expect(try await world.sync(bob).joined(room)?.unread == "1 1")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRuleForTheDisplayNameKnowsItInEachRoom(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), other = try await world.createRoom()
            for (room, name) in [(room, "Bob the Builder"), (other, "Bobby")] {
                try await world.move(.join, bob, in: room)
                try await world.send(
                    room, "m.room.member", ["membership": "join", "displayname": .string(name)], state: bob, by: bob)
            }
            try await world.setRules(of: bob) { rules in
                let condition = PushCondition(["kind": "contains_display_name"])
                rules.override.insert(
                    PushRule(ruleID: "called", conditions: [condition], actions: ["notify", ["set_tweak": "highlight"]]), at: 1)
            }
            _ = try await world.awaitSync(bob, since: "s1_0") { answer in
                answer.json["account_data"]?["events"]?.array?.contains { $0["content"]?["global"]?["override"]?[1]?["rule_id"] == "called" }
                    ?? false
            }
            for room in [room, other] {
                try await world.say("ask bob THE builder!", in: room)
                try await world.say("bobby", in: room)
                try await world.send(room, "org.example", ["text": "bobby"])
            }
            #expect(try await world.sync(bob).joined(room)?.unread == "2 1")
            #expect(try await world.sync(bob).joined(other)?.unread == "2 1")
            // Under another name the old one is nobody's.
            try await world.send(room, "m.room.member", ["membership": "join", "displayname": "Robert"], state: bob, by: bob)
            try await world.say("bob the builder", in: room)
            try await world.say("Robert?", in: room)
            #expect(try await world.sync(bob).joined(room)?.unread == "4 2")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aMentionOfTheRoomTakesTheLevelForIt(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let content: JSONObject = ["msgtype": "m.text", "body": "all!", "m.mentions": ["room": true]]
            try await world.send(room, "m.room.message", content)
            try await world.send(room, "m.room.message", content, by: bob)
            #expect(try await world.sync(bob).joined(room)?.unread == "1 1")
            #expect(try await world.sync(alice).joined(room)?.unread == "1 0")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsRedactedIsNotUnread(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let one = try await world.say("one", in: room)
            let first = try await world.sync(bob)
            #expect(first.joined(room)?.unread == "1 0")
            try await world.redact(one, in: room)
            _ = try await world.awaitSync(bob, since: first.next) { $0.joined(room)?.unread == "0 0" }
        }
    }

    @Test func countsAreForgottenBeyondABound() {
        var known = KnownUnread(limit: 2)
        known.set(["a": UnreadCounts(), "b": UnreadCounts()], of: alice, at: 1)
        let rooms = ["a": RecentRoom(), "b": RecentRoom()]
        #expect(known.counts(of: alice, in: rooms, above: 0, at: 2).count == 2)
        #expect(known.counts(of: alice, in: rooms, above: 3, at: 4).isEmpty)
        known.set(["c": UnreadCounts()], of: bob, at: 2)
        #expect(known.counts(of: alice, in: rooms, above: 0, at: 2).isEmpty)
    }
}

extension RoomAnswer {
    /// Notifications and highlights.
    var unread: String { shown(json["unread_notifications"]) }
    func unread(in thread: String) -> String { shown(json["unread_thread_notifications"]?[thread]) }

    private func shown(_ counts: JSON?) -> String {
        "\(counts?["notification_count"]?.integer ?? 0) \(counts?["highlight_count"]?.integer ?? 0)"
    }
}

extension World {
    func setRules(of user: String, _ change: (inout PushRuleset) -> Void) async throws {
        var rules = PushRuleset.defaults(for: user)
        change(&rules)
        try await setData("m.push_rules", ["global": try JSON(parsing: JSONCoder.encode(rules))], of: user)
    }
}
