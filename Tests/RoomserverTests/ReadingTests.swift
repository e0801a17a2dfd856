import Contracts
import Matrix
import RoomRules
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite struct ReadingTests {
    @Test(arguments: TestDatabase.allCases) func whoLeftSeesTheRoomAsItWas(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room)
            try await rooms.send(draft("m.room.name", ["name": "before"], state: ""), to: room)
            try await rooms.move(.leave, bob, in: room)
            try await rooms.send(draft("m.room.name", ["name": "after"], state: ""), to: room)
            try await rooms.move(.join, carol, in: room)
            #expect(try await rooms.state("m.room.name", in: room, asSeenBy: bob)["content"]?["name"]?.string == "before")
            #expect(try await rooms.state("m.room.name", in: room)["content"]?["name"]?.string == "after")

            let now = try await rooms.wholeState(of: room, asSeenBy: alice)
            let then = try await rooms.wholeState(of: room, asSeenBy: bob)
            #expect(now.count == 8)
            #expect(then.count == 7)
            #expect(try await rooms.members(of: room, asSeenBy: bob, not: "leave") == [alice])
            #expect(await refusal { try await rooms.wholeState(of: room, asSeenBy: "@x:example.org") } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.state("m.room.topic", in: room) } == "M_NOT_FOUND")
        }
    }

    @Test(arguments: TestDatabase.allCases) func onlyTheJoinedAskWhoIsJoined(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room, ["displayname": "Bob", "avatar_url": "mxc://x/y"])
            try await rooms.move(.invite, carol, by: alice, in: room)
            let joined = try await rooms.joinedMembers(of: room, asSeenBy: alice)
            #expect(joined[bob] == .init(displayName: "Bob", avatarURL: "mxc://x/y"))
            #expect(Set(joined.keys) == [alice, bob])
            #expect(await refusal { try await rooms.joinedMembers(of: room, asSeenBy: carol) } == "M_FORBIDDEN")
            #expect(try await rooms.members(of: room, asSeenBy: bob, in: "invite") == [carol])
        }
    }

    @Test(arguments: ["world_readable", "shared", "invited", "joined"])
    func anEventIsSeenByThoseWhomTheHistoryIsVisibleTo(visibility: String) async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.visibility = visibility }
            let first = try await rooms.send(message("before the invite"), to: room)
            try await rooms.move(.invite, bob, by: alice, in: room)
            let second = try await rooms.send(message("invited"), to: room)
            let hidden = visibility == "shared" || visibility == "joined"
            #expect(await refusal { try await rooms.event(second, in: room, asSeenBy: bob) } == (hidden ? "M_NOT_FOUND" : nil))
            try await rooms.move(.join, bob, in: room)
            let third = try await rooms.send(message("joined"), to: room)
            try await rooms.move(.leave, bob, in: room)
            let fourth = try await rooms.send(message("gone"), to: room)

            func sees(_ event: String, _ user: String) async -> Bool {
                await refusal { try await rooms.event(event, in: room, asSeenBy: user) } == nil
            }
            let wide = visibility == "world_readable", shared = visibility == "shared"
            #expect(await sees(first, bob) == (wide || shared))
            #expect(await sees(second, bob) == (visibility != "joined"))
            #expect(await sees(third, bob))
            #expect(await sees(fourth, bob) == wide)
            #expect(await sees(third, carol) == wide)
            #expect(await sees(fourth, alice))
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRedactedEventShowsWhatIsLeftAndWhy(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            for version in ["1", "6", "10", "12"] {
                let room = try await rooms.createRoom { $0.version = version }
                try await rooms.move(.join, bob, in: room)
                let said = try await rooms.send(message("secret", by: bob), to: room)
                let redaction = try await rooms.send(
                    draft("m.room.redaction", ["reason": "no"], by: alice, redacts: said), to: room)
                let shown = try await rooms.event(said, in: room)
                #expect(shown["content"] == [:])
                #expect(shown["unsigned"]?["redacted_because"]?["event_id"]?.string == redaction)
                #expect(shown["unsigned"]?["redacted_because"]?["content"]?["reason"]?.string == "no")
                #expect(try await rooms.log(of: room).last?.redacts == said)

                let ours = try await rooms.send(message("mine"), to: room)
                let theirs = draft("m.room.redaction", [:], by: bob, redacts: ours)
                #expect(await refusal { try await rooms.send(theirs, to: room) } == "M_FORBIDDEN")
                #expect(try await rooms.event(ours, in: room)["content"]?["body"]?.string == "mine")
            }
        }
    }

    @Test func whatCannotBeRedactedIsRefused() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom(), other = try await rooms.createRoom()
            let said = try await rooms.send(message("x"), to: other)
            func redact(_ eventID: String) async throws {
                try await rooms.send(draft("m.room.redaction", redacts: eventID), to: room)
            }
            #expect(await refusal { try await redact(said) } == "M_INVALID_PARAM")
            let create = try #require(try await rooms.log(of: room).first).eventID
            #expect(await refusal { try await redact(create) } == "M_FORBIDDEN")
        }
    }

    @Test func redactedStateLosesItsContentEverywhere() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.published = true }
            let name = try await rooms.send(draft("m.room.name", ["name": "secret"], state: ""), to: room)
            func shownName() async throws -> JSON? {
                let state = try await rooms.wholeState(of: room, asSeenBy: alice).map { $0.parsed() }
                return state.first { $0["type"]?.string == "m.room.name" }
            }
            #expect(try await shownName()?["content"] == ["name": "secret"])
            let redaction = try await rooms.send(draft("m.room.redaction", redacts: name), to: room)
            #expect(try await rooms.state("m.room.name", in: room)["content"] == [:])
            #expect(try await shownName()?["content"] == [:])
            #expect(try await shownName()?["unsigned"]?["redacted_because"]?["event_id"]?.string == redaction)
            #expect(try await rooms.listed("secret").chunk.isEmpty)
            #expect(try await rooms.listed().chunk.map(\.roomID) == [room])
            let redactions = try await rooms.send(message("x"), draft("m.room.redaction", redacts: "$nothing"), to: room)
            #expect(try await rooms.log(of: room).last?.redacts == nil)
            #expect(try await rooms.event(redactions, in: room)["redacts"]?.string == "$nothing")
        }
    }

    @Test(arguments: TestDatabase.allCases) func stateIsReadThroughLongChains(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database)
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room)
            for page in 0..<13 {
                let drafts = (0..<10).map { draft("x.state", ["n": .integer(Int64(page * 10 + $0))], state: "\($0)") }
                _ = try await rooms.call(SendEvents(roomID: room, drafts: drafts))
            }
            try await rooms.move(.leave, bob, in: room)
            try await rooms.send(draft("x.state", ["n": 999], state: "3"), to: room)
            let then = try await rooms.wholeState(of: room, asSeenBy: bob)
            #expect(then.count == 6 + 10)
            #expect(try await rooms.state("x.state", "3", in: room, asSeenBy: bob)["content"]?["n"]?.integer == 123)
            #expect(try await rooms.state("x.state", "3", in: room)["content"]?["n"]?.integer == 999)
            let full = try await database.read { tx in
                try tx.row("SELECT count(*) FROM roomserver_state_groups WHERE prev_group IS NULL", as: Int.self) ?? 0
            }
            #expect(full >= 3)
        }
    }
}
