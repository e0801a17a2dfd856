import Contracts
import Matrix
import TestSupport
import Testing

@testable import Roomserver

/// Who was in a room when.
@Suite struct PastMembersTests {
    @Test(arguments: TestDatabase.allCases) func membersAreAskedForByMembershipAndTime(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            let first = try await rooms.send(message("alone"), to: room)
            try await rooms.move(.join, bob, in: room)
            let second = try await rooms.send(message("two"), to: room)
            try await rooms.move(.invite, carol, by: alice, in: room)
            try await rooms.move(.leave, bob, in: room)
            let third = try await rooms.send(message("after"), to: room)

            #expect(try await rooms.members(of: room, asSeenBy: alice, at: first) == [alice])
            #expect(try await rooms.members(of: room, asSeenBy: alice, at: second).sorted() == [alice, bob])
            #expect(try await rooms.members(of: room, asSeenBy: alice, in: "join", at: third) == [alice])
            #expect(try await rooms.members(of: room, asSeenBy: alice, not: "leave").sorted() == [alice, carol])
            // Either is enough.
            #expect(try await rooms.members(of: room, asSeenBy: alice, in: "leave", not: "join").sorted() == [bob, carol])
            #expect(try await rooms.members(of: room, asSeenBy: alice, in: "join", not: "join").count == 3)
            // Who left sees nobody who came or went later.
            #expect(try await rooms.members(of: room, asSeenBy: bob, at: first) == [alice])
            #expect(try await rooms.members(of: room, asSeenBy: bob, at: third).sorted() == [alice, bob, carol])
            #expect(await refusal { try await rooms.members(of: room, asSeenBy: "@x:example.org", at: first) } == "M_FORBIDDEN")
        }
    }

    @Test func whoMayNotSeeAnEventMayNotSeeWhoWasThere() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.visibility = "joined" }
            let before = try await rooms.send(message("before"), to: room)
            try await rooms.move(.join, bob, in: room)
            let after = try await rooms.send(message("after"), to: room)
            #expect(await refusal { try await rooms.members(of: room, asSeenBy: bob, at: before) } == "M_FORBIDDEN")
            #expect(try await rooms.members(of: room, asSeenBy: bob, at: after).sorted() == [alice, bob])
        }
    }

    @Test(arguments: TestDatabase.allCases) func anErasedUsersEventsAreWholeForThoseAloneWhoWereThere(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            func topic(_ text: String) -> Draft {
                Draft(type: "m.room.topic", stateKey: "", sender: alice, content: RawJSON(["topic": .string(text)]))
            }
            let said = try await rooms.send(message("here"), to: room)
            let old = try await rooms.send(topic("old"), to: room), new = try await rooms.send(topic("new"), to: room)
            try await rooms.move(.join, bob, in: room)
            let later = try await rooms.send(message("later"), to: room)
            #expect(try await rooms.event(new, in: room, asSeenBy: bob)["unsigned"]?["prev_content"] == ["topic": "old"])
            for _ in 0..<2 { _ = try await rooms.call(EraseUser(userID: alice)) }
            #expect(try await rooms.event(said, in: room, asSeenBy: alice)["content"]?["body"] == "here")
            #expect(try await rooms.event(said, in: room, asSeenBy: bob)["content"] == [:])
            #expect(try await rooms.event(old, in: room, asSeenBy: bob)["content"] == [:])
            #expect(try await rooms.event(later, in: room, asSeenBy: bob)["content"]?["body"] == "later")
            // What the room is stays.
            let topic = try await rooms.event(new, in: room, asSeenBy: bob)
            #expect(topic["content"] == ["topic": "new"] && topic["unsigned"]?["prev_content"] == nil)
            #expect(try await rooms.state("m.room.topic", in: room, asSeenBy: bob)["content"] == ["topic": "new"])
            #expect(await refusal { _ = try await rooms.call(EraseUser(userID: "@x:elsewhere.org")) } == "M_FORBIDDEN")
        }
    }

    @Test(arguments: TestDatabase.allCases) func anErasedMemberHasNoNameToWhoCameLater(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room, ["displayname": "Bobby"])
            let then = try await rooms.send(message("then"), to: room)
            try await rooms.move(.leave, bob, in: room)
            try await rooms.move(.join, carol, in: room)
            _ = try await rooms.call(EraseUser(userID: bob))
            for (user, name) in [(alice, "Bobby"), (carol, nil)] as [(String, JSON?)] {
                let query = QueryMembers(roomID: room, userID: user, membership: nil, notMembership: nil, atEvent: then)
                let bobs = try #require(try await rooms.call(query).events.parsed().array?.first { $0["state_key"]?.string == bob })
                #expect(bobs["content"]?["membership"] == "join" && bobs["content"]?["displayname"] == name)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func aForgottenRoomShowsNoEvent(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room)
            let said = try await rooms.send(message("here"), to: room)
            try await rooms.move(.leave, bob, in: room)
            #expect(try await rooms.event(said, in: room, asSeenBy: bob)["content"]?["body"] == "here")
            let alone = try await rooms.call(QueryEvent(roomID: nil, eventID: said, userID: bob)).event.object
            #expect(alone?["room_id"]?.string == room)
            #expect(await refusal { try await rooms.call(QueryEvent(roomID: nil, eventID: said, userID: carol)) } == "M_NOT_FOUND")
            #expect(await refusal { try await rooms.call(QueryEvent(roomID: nil, eventID: "$none", userID: bob)) } == "M_NOT_FOUND")
            try await rooms.forget(room, by: bob)
            #expect(await refusal { try await rooms.event(said, in: room, asSeenBy: bob) } == "M_NOT_FOUND")
            #expect(await refusal { try await rooms.wholeState(of: room, asSeenBy: bob) } == "M_FORBIDDEN")
        }
    }
}
