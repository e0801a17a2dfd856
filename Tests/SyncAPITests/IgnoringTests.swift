import Matrix
import TestSupport
import Testing

@testable import SyncAPI

/// What becomes of those whom somebody ignores.
@Suite struct IgnoringTests {
    private static let list: JSONObject = ["ignored_users": ["@bob:example.org": [:]]]

    @Test(arguments: TestDatabase.allCases) func whatAnIgnoredUserSaysIsNotShownButTheirStateIs(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.say("alice's", in: room)
            try await world.say("bob's", in: room, by: bob)
            let first = try await world.sync()
            #expect(first.joined(room)?.timeline.bodies == ["alice's", "bob's"])
            try await world.setData(IgnoredUsers.accountDataType, Self.list)
            let second = try await world.sync()
            #expect(second.joined(room)?.timeline.bodies == ["alice's"])
            #expect(second.joined(room)?.stateAfter["m.room.member \(bob)"] != nil)
            try await world.say("more of bob's", in: room, by: bob)
            try await world.send(room, "m.room.member", ["membership": "join", "displayname": "B"], state: bob, by: bob)
            try await world.say("more of alice's", in: room)
            let third = try await world.sync(since: second.next)
            #expect(third.joined(room)?.timeline.types.suffix(2) == ["m.room.member", "m.room.message"])
            #expect(third.joined(room)?.timeline.bodies == ["more of alice's"])
            try await world.say("only bob's", in: room, by: bob)
            let fourth = try await world.sync(since: third.next)
            #expect(fourth.rooms("join").isEmpty)
            // As told from memory.
            try await world.say("bob's again", in: room, by: bob)
            try await world.say("the last of alice's", in: room)
            let fifth = try await world.awaitSync(since: fourth.next) { $0.joined(room)?.timeline.bodies.isEmpty == false }
            #expect(fifth.joined(room)?.timeline.bodies == ["the last of alice's"])
            // Listened to again.
            try await world.setData(IgnoredUsers.accountDataType, [:])
            #expect(try await world.sync(since: third.next).joined(room)?.timeline.bodies == [
                "only bob's", "bob's again", "the last of alice's",
            ])
        }
    }

    @Test(arguments: TestDatabase.allCases) func itIsNotShownByPagesEither(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.say("first", in: room)
            try await world.say("bob's", in: room, by: bob)
            let last = try await world.say("last", in: room)
            try await world.setData(IgnoredUsers.accountDataType, Self.list)
            let next = try await world.sync().next
            let page = try await world.messages(room, from: next, limit: 2)
            #expect(page.chunk.map(\.eventID) == [last, first])
            let request = try world.request("/context", by: alice, ["roomId": room, "eventId": first], ["limit": "2"])
            let context = try await world.answer(world.sync.context(request))
            #expect(context["events_after"]?.array?.map(\.eventID) == [last])
        }
    }

    @Test(arguments: TestDatabase.allCases) func anInviteByAnIgnoredUserIsNotShown(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(by: bob, joinRule: "invite"), first = try await world.sync()
            try await world.move(.invite, alice, by: bob, in: room)
            #expect(try await world.sync(since: first.next).invited(room) != nil)
            try await world.setData(IgnoredUsers.accountDataType, Self.list)
            #expect(try await world.sync(since: first.next).rooms("invite").isEmpty)
            #expect(try await world.sync().rooms("invite").isEmpty)
        }
    }

    @Test(arguments: [
        #"{"ignored_users":{"@bob:example.org":{},"@alice:example.org":{}}}"#, #"{"ignored_users":[]}"#, "{}", "nothing", "[]",
    ]) func aListThatIsNoneIgnoresNobody(content: String) {
        let ignored = IgnoredUsers(Array(content.utf8), of: alice)
        #expect(ignored.userIDs == (content.contains("@bob") ? [bob] : []))
    }
}
