import Contracts
import Matrix
import TestSupport
import Testing
import Web

@testable import SyncAPI

extension World {
    fileprivate func initialSync(_ user: String = alice, _ query: [String: JSON] = [:]) async throws -> JSON {
        try await answer(sync.initialSync(request("/initialSync", by: user, [:], query)))
    }

    fileprivate func initialSync(of room: String, _ user: String = alice, _ query: [String: JSON] = [:]) async throws -> JSON {
        try await answer(sync.roomInitialSync(request("/initialSync", by: user, ["roomId": room], query)))
    }

    fileprivate func events(
        _ user: String = alice, from: String? = nil, room: String? = nil, timeoutMS: Int = 0, limit: Int? = nil
    ) async throws -> JSON {
        var query: [String: JSON] = ["timeout": .string("\(timeoutMS)")]
        query["from"] = from.map { .string($0) }
        query["room_id"] = room.map { .string($0) }
        query["limit"] = limit.map { .string("\($0)") }
        return try await answer(sync.eventStream(request("/events", by: user, [:], query)))
    }
}

extension JSON {
    fileprivate var rooms: [JSON] { self["rooms"]?.array ?? [] }
    fileprivate var chunk: [JSON] { self["chunk"]?.array ?? [] }
    fileprivate var messages: [JSON] { self["messages"]?.chunk ?? [] }
    fileprivate var end: String? { self["end"]?.string }
}

/// What was there before `/sync`.
@Suite struct OldSyncTests {
    @Test(arguments: TestDatabase.allCases) func whoAsksIsThereAndSeesThat(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            func presence(_ found: JSON, of user: String) -> JSON? {
                found["presence"]?.array?.first { $0["content"]?["user_id"]?.string == user }?["content"]
            }
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let alices = try #require(presence(try await world.initialSync(), of: alice))
            #expect(alices["presence"] == "online" && alices["last_active_ago"] != nil)
            let first = try await world.sync()
            #expect(first.presence[bob] == nil)
            _ = try await world.events(bob)
            _ = try await world.awaitSync(since: first.next) { $0.presence[bob]?["presence"] == "online" }
            let members = try await world.initialSync(of: room)
            for user in [alice, bob] { #expect(presence(members, of: user)?["presence"] == "online") }
        }
    }

    @Test(arguments: TestDatabase.allCases) func everythingIsShownAtOnce(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), left = try await world.createRoom(by: bob)
            let invited = try await world.createRoom(by: bob, joinRule: "invite")
            try await world.send(room, "m.room.topic", ["topic": "Lemurs"], state: "")
            for index in 0..<12 { try await world.say("\(index)", in: room) }
            try await world.move(.join, alice, in: left)
            try await world.say("before", in: left, by: bob)
            try await world.move(.leave, alice, in: left)
            try await world.say("after", in: left, by: bob)
            try await world.move(.invite, alice, by: bob, in: invited)
            try await world.setData("m.tag", ["tags": ["work": [:]]], room: room)
            try await world.setData("org.example", ["a": 1])

            let found = try await world.initialSync(alice, ["limit": "3"])
            #expect(Set(found.rooms.compactMap { $0["room_id"]?.string }) == [room, invited])
            let shown = try #require(found.rooms.first { $0["room_id"]?.string == room })
            #expect(shown["membership"] == "join" && shown["visibility"] == "private")
            #expect(shown.messages.bodies == ["9", "10", "11"])
            #expect(shown.messages.first?["room_id"]?.string == room && shown.messages.first?["user_id"]?.string == alice)
            #expect(shown["state"]?.array?.first { $0.type == "m.room.topic" }?["content"]?["topic"] == "Lemurs")
            #expect(shown["account_data"]?.array?.types == ["m.tag"])
            #expect(found["account_data"]?.array?.types == ["org.example"])
            let back = try await world.messages(room, from: shown["messages"]?["start"]?.string, limit: 1)
            #expect(back.chunk.bodies == ["8"])
            let invite = try #require(found.rooms.first { $0["room_id"]?.string == invited })
            #expect(invite["membership"] == "invite" && invite["inviter"]?.string == bob)
            #expect(invite["invite"]?["content"]?["membership"] == "invite")

            let archived = try await world.initialSync(alice, ["archived": "true", "limit": "2"])
            let past = try #require(archived.rooms.first { $0["room_id"]?.string == left })
            #expect(past["membership"] == "leave" && past.messages.bodies == ["before"])
            #expect(try await world.initialSync(alice, ["limit": "0"]).rooms.allSatisfy { $0.messages.isEmpty })
            for limit in ["hello", "-1"] {
                #expect(await refusal { try await world.initialSync(alice, ["limit": .string(limit)]) } == "M_INVALID_PARAM")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomIsShownToThoseWhoMayLookIn(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.send(room, "x.state", ["is": "before"], state: "")
            try await world.move(.join, bob, in: room)
            let said = try await world.say("private", in: room)
            try await world.move(.leave, bob, in: room)
            try await world.send(room, "x.state", ["is": "after"], state: "")
            try await world.read(said, in: room, by: alice)
            try await world.setData("org.example", ["a": 1], room: room)
            func state(_ shown: JSON) -> String? {
                shown["state"]?.array?.first { $0.type == "x.state" }?["content"]?["is"]?.string
            }
            let own = try await world.initialSync(of: room)
            #expect(own["membership"] == "join" && state(own) == "after" && own.messages.bodies == ["private"])
            #expect(own["account_data"]?.array?.types == ["org.example"])
            let past = try await world.initialSync(of: room, bob, ["limit": "2"])
            #expect(past["membership"] == "leave" && state(past) == "before" && past.messages.bodies == ["private"])
            #expect(past["receipts"]?.array?.isEmpty == true)
            #expect(await refusal { try await world.initialSync(of: room, carol) } == "M_FORBIDDEN")

            try await world.send(room, "m.room.history_visibility", ["history_visibility": "world_readable"], state: "")
            try await world.say("public", in: room)
            let peeked = try await world.initialSync(of: room, carol)
            #expect(peeked["membership"] == nil && state(peeked) == "after")
            #expect(peeked.messages.types == ["m.room.history_visibility", "m.room.message"])
            try await world.send(room, "m.room.history_visibility", ["history_visibility": "shared"], state: "")
            #expect(await refusal { try await world.initialSync(of: room, carol) } == "M_FORBIDDEN")
        }
    }

    @Test(arguments: TestDatabase.allCases) func theEventStreamGoesOnWhereItWas(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), other = try await world.createRoom(by: bob)
            var from = try #require(try await world.events().end)
            var said: [String] = []
            for index in 0..<7 { said.append(try await world.say("\(index)", in: room)) }
            try await world.say("elsewhere", in: other, by: bob)
            try await world.move(.invite, alice, by: bob, in: other)
            try await world.setData("org.example", ["a": 1])
            var seen: [JSON] = []
            for _ in 0..<20 {
                let page = try await world.events(from: from, limit: 3)
                #expect(page["start"]?.string == from)
                seen += page.chunk
                from = try #require(page.end)
                if seen.types.contains("org.example") { break }
            }
            #expect(seen.filter { $0.type == "m.room.message" }.ids == said)
            #expect(seen.first?["room_id"]?.string == room)
            #expect(seen.contains { $0.type == "m.room.member" && $0["room_id"]?.string == other })
            #expect(try await world.events(from: from).chunk.isEmpty)
            #expect(await refusal { try await world.events(from: "s1_99999999") } == "M_INVALID_PARAM")
            #expect(await refusal { try await world.events(from: from, limit: -2) } == "M_INVALID_PARAM")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoLooksIntoARoomSeesWhichMembersAreThere(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            let room = try await world.createRoom(visibility: "world_readable")
            try await world.move(.join, carol, in: room)
            try await world.move(.leave, carol, in: room)
            let start = try #require(try await world.events(carol, room: room).end)
            async let waiting = world.events(carol, from: start, room: room, timeoutMS: 20_000)
            try await world.setPresence(.online, of: bob)
            try await world.setPresence(.online, of: alice, saying: "here")
            let seen = try await waiting.chunk
            #expect(seen.map { $0["content"]?["user_id"]?.string } == [alice])
            #expect(seen.first?["content"]?["status_msg"] == "here")
            // Who has left a room that is not open hears nothing more of it.
            try await world.send(room, "m.room.history_visibility", ["history_visibility": "shared"], state: "")
            _ = try await world.sync()
            #expect(try await world.events(carol, from: start, room: room).chunk.allSatisfy { $0.type != "m.presence" })
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomThatEverybodyMayReadIsListenedTo(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: "world_readable"), hidden = try await world.createRoom()
            #expect(await refusal { try await world.events(carol, room: hidden) } == "M_FORBIDDEN")
            let start = try #require(try await world.events(carol, room: room).end)
            async let waiting = world.events(carol, from: start, room: room, timeoutMS: 20_000)
            let said = try await world.say("mice", in: room)
            #expect(try await waiting.chunk.ids == [said])
            let guest = try world.request("/events", by: carol, isGuest: true)
            #expect(await refusal { try await world.sync.eventStream(guest) } == "M_GUEST_ACCESS_FORBIDDEN")
        }
    }
}
