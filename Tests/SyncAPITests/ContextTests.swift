import Contracts
import Matrix
import TestSupport
import Testing
import Web

@testable import SyncAPI

extension World {
    fileprivate func context(_ event: String, in room: String, _ user: String = alice, _ query: [String: JSON] = [:]) async throws
        -> JSON
    {
        try await answer(sync.context(request("/context", by: user, ["roomId": room, "eventId": event], query)))
    }
}

extension JSON {
    fileprivate func events(_ key: String) -> [JSON] { self[key]?.array ?? [] }
}

/// What happened around an event.
@Suite struct ContextTests {
    @Test(arguments: TestDatabase.allCases) func anEventIsShownAmongItsNeighbours(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            var said: [String] = []
            for index in 0..<7 { said.append(try await world.say("\(index)", in: room)) }
            let found = try await world.context(said[3], in: room, alice, ["limit": "4"])
            #expect(found["event"]?.eventID == said[3])
            #expect(found.events("events_before").bodies == ["2", "1"])
            #expect(found.events("events_after").bodies == ["4", "5"])
            #expect(Set(found.events("state").types).isSuperset(of: ["m.room.create", "m.room.member", "m.room.power_levels"]))
            // Its tokens go on where it ends.
            let back = try await world.messages(room, from: found["start"]?.string, limit: 2)
            #expect(back.chunk.first?.body == "0")
            let on = try await world.messages(room, from: found["end"]?.string, direction: "f")
            #expect(on.chunk.bodies == ["6"])
            let alone = try await world.context(said[3], in: room, alice, ["limit": "0"])
            #expect(alone.events("events_before").isEmpty && alone.events("events_after").isEmpty)
            #expect(try await world.messages(room, from: alone["start"]?.string, limit: 1).chunk.bodies == ["2"])
            #expect(try await world.messages(room, from: alone["end"]?.string, direction: "f", limit: 1).chunk.bodies == ["4"])
            #expect(await refusal { try await world.context(said[3], in: room, alice, ["limit": "-1"]) } == "M_INVALID_PARAM")
            #expect(await refusal { try await world.context("$none", in: room) } == "M_NOT_FOUND")
            #expect(await refusal { try await world.context("$\u{0}", in: room) } == "M_NOT_FOUND")
            #expect(await refusal { try await world.context(said[3], in: room, bob) } == "M_FORBIDDEN")
            #expect(await refusal { try await world.context(said[3], in: "!none:example.org") } == "M_FORBIDDEN")
        }
    }

    @Test(arguments: TestDatabase.allCases) func theStateIsThatOfTheLastEventAndLoadedLazily(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.move(.join, carol, in: room)
            try await world.send(room, "m.room.topic", ["topic": "before"], state: "")
            let said = try await world.say("here", in: room, by: bob)
            try await world.send(room, "m.room.topic", ["topic": "after"], state: "")
            let found = try await world.context(said, in: room, alice, ["limit": "0"])
            let topic = found.events("state").first { $0.type == "m.room.topic" }
            #expect(topic?["content"]?["topic"] == "before")
            #expect(found.events("state").filter { $0.type == "m.room.member" }.count == 3)
            let lazy = try await world.context(said, in: room, alice, ["limit": "0", "filter": ["lazy_load_members": true]])
            let members = lazy.events("state").filter { $0.type == "m.room.member" }
            #expect(members.compactMap { $0["state_key"]?.string } == [bob])
        }
    }

    @Test(arguments: TestDatabase.allCases) func theFilterIsForTheNeighbours(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.say("by alice", in: room)
            try await world.say("by bob", in: room, by: bob)
            let said = try await world.say("here", in: room)
            try await world.say("by bob too", in: room, by: bob)
            let filter: JSON = ["senders": [.string(bob)], "types": ["m.room.message"]]
            let found = try await world.context(said, in: room, alice, ["filter": filter])
            #expect(found["event"]?.body == "here")
            #expect(found.events("events_before").bodies == ["by bob"])
            #expect(found.events("events_after").bodies == ["by bob too"])
            #expect(found.events("state").isEmpty)
        }
    }

    @Test(arguments: VisibilityTests.seen) func onlyWhatIsVisibleIsShown(visibility: String, bodies: [String]) async throws {
        try await World.on(.sqlite) { world in
            let room = try await world.createRoom(visibility: visibility)
            var said = ["zero": try await world.say("zero", in: room)]
            try await world.move(.invite, bob, by: alice, in: room)
            said["one"] = try await world.say("one", in: room)
            if visibility == "invited" {
                let one = try #require(said["one"])
                #expect(try await world.context(one, in: room, bob)["event"]?.body == "one")
            }
            try await world.move(.join, bob, in: room)
            said["two"] = try await world.say("two", in: room)
            try await world.move(.leave, bob, in: room)
            said["three"] = try await world.say("three", in: room)
            let three = try #require(said["three"])
            let isOpen = visibility == "world_readable"
            #expect(await refusal { try await world.context(three, in: room, bob) } == (isOpen ? nil : "M_NOT_FOUND"))
            try await world.move(.join, bob, in: room)
            said["four"] = try await world.say("four", in: room)
            for (body, event) in said {
                let refused = await refusal { try await world.context(event, in: room, bob) }
                #expect(refused == (bodies.contains(body) ? nil : "M_NOT_FOUND"), "\(body)")
            }
            let four = try #require(said["four"])
            let found = try await world.context(four, in: room, bob, ["limit": "40"])
            #expect((found.events("events_before").bodies.reversed() + ["four"]) == bodies)
        }
    }
}
