import Contracts
import Matrix
import TestSupport
import Testing
import Web

@testable import SyncAPI

/// Finding events by their time.
@Suite struct TimestampTests {
    private func find(
        _ timestamp: String, _ direction: String, in room: String, by user: String = alice, _ world: World
    ) async throws -> JSON {
        let query: [String: JSON] = ["ts": .string(timestamp), "dir": .string(direction)]
        return try await world.answer(world.sync.timestamps(world.request("/t", by: user, ["roomId": room], query)))
    }

    @Test(arguments: TestDatabase.allCases) func theClosestEventOfEachDirectionIsFound(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            var said: [String] = []
            // Times that are not in the order in which they came, as application services may choose them.
            for time in [10_000, 30_000, 20_000, 20_000] as [Int64] {
                let draft = Draft(
                    type: "m.room.message", sender: alice, content: RawJSON(.object(["body": .integer(time)])), originServerTS: time)
                said += try await world.rooms.call(SendEvents(roomID: room, drafts: [draft])).eventIDs
            }
            func found(_ timestamp: String, _ direction: String) async throws -> String? {
                try await find(timestamp, direction, in: room, world)["event_id"]?.string
            }
            #expect(try await found("15000", "f") == said[2])
            #expect(try await found("20000", "f") == said[2])
            #expect(try await found("20001", "f") == said[1])
            #expect(try await found("20000", "b") == said[3])
            #expect(try await found("19999", "b") == said[0])
            #expect(try await found("99999", "b") == said[1])
            #expect(try await find("0", "f", in: room, world)["origin_server_ts"]?.integer == 10_000)
            #expect(await refusal { try await find("9999", "b", in: room, world) } == "M_NOT_FOUND")
            #expect(await refusal { try await find("99999999999999", "f", in: room, world) } == "M_NOT_FOUND")
            #expect(await refusal { try await find("soon", "f", in: room, world) } == "M_INVALID_PARAM")
            #expect(await refusal { try await find("1", "x", in: room, world) } == "M_INVALID_PARAM")
            #expect(await refusal { try await find("1", "f", in: room, by: bob, world) } == "M_FORBIDDEN")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatMayNotBeSeenIsNotFound(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: "joined")
            try await world.say("before", in: room)
            try await world.move(.join, bob, in: room)
            let said = try await world.say("here", in: room)
            try await world.move(.leave, bob, in: room)
            try await world.say("after", in: room)
            let last = try await find("99999999999999", "b", in: room, by: bob, world)["event_id"]?.string
            let leaving = try await world.messages(room, bob, limit: 1).chunk.first?.eventID
            #expect(last == leaving)
            let first = try #require(try await find("0", "f", in: room, by: bob, world)["event_id"]?.string)
            let page = try await world.messages(room, bob, direction: "f", limit: 50)
            #expect(page.chunk.first?.eventID == first)
            #expect(page.chunk.map(\.eventID).contains(said))
        }
    }
}
