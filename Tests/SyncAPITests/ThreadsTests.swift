import Matrix
import TestSupport
import Testing
import Web

@testable import SyncAPI

/// The list of a room's threads.
@Suite struct ThreadsTests {
    @Test(arguments: TestDatabase.allCases) func theThreadAnsweredLastComesFirst(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let one = try await world.say("one", in: room), two = try await world.say("two", in: room)
            try await world.say("three", in: room)
            #expect(try await world.threads(room).chunk.isEmpty)
            try await world.relate("m.thread", to: one, in: room)
            let gone = try await world.relate("m.thread", to: two, in: room)
            #expect(try await world.threads(room).chunk.ids == [two, one])
            let answer = try await world.relate("m.thread", to: one, in: room)
            let found = try await world.threads(room)
            #expect(found.chunk.ids == [one, two])
            #expect(found.chunk.first?["unsigned"]?["m.relations"]?["m.thread"]?["latest_event"]?.eventID == answer)
            #expect(found.json["next_batch"] == nil)
            try await world.redact(gone, in: room)
            #expect(try await world.threads(room).chunk.ids == [one])
        }
    }

    @Test(arguments: TestDatabase.allCases) func threadsComeInPages(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            var roots: [String] = []
            for index in 0..<5 { roots.append(try await world.say("\(index)", in: room)) }
            for root in roots { try await world.relate("m.thread", to: root, in: room) }
            var found: [String] = [], from: String?, pages = 0
            repeat {
                let page = try await world.threads(room, query: "limit=2" + (from.map { "&from=\($0)" } ?? ""))
                found += page.chunk.ids
                from = page.json["next_batch"]?.string
                pages += 1
            } while from != nil && pages < 9
            #expect(found == roots.reversed())
            #expect(pages == 3)
        }
    }

    @Test(arguments: TestDatabase.allCases) func threadsThatOneTookPartInAreToldApart(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            for user in [bob, carol] { try await world.move(.join, user, in: room) }
            let alices = try await world.say("one", in: room), bobs = try await world.say("two", in: room, by: bob)
            try await world.relate("m.thread", to: alices, in: room, by: bob)
            try await world.relate("m.thread", to: bobs, in: room, by: bob)
            #expect(try await world.threads(room, query: "include=participated").chunk.ids == [alices])
            #expect(try await world.threads(room, bob, query: "include=participated").chunk.ids == [bobs, alices])
            #expect(try await world.threads(room, carol, query: "include=participated").chunk.ids == [])
            #expect(try await world.threads(room, carol).chunk.ids == [bobs, alices])
        }
    }

    @Test(arguments: TestDatabase.allCases) func threadsAreForThoseWhoSeeTheRoom(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: "joined"), root = try await world.say("one", in: room)
            try await world.relate("m.thread", to: root, in: room)
            #expect(await refusal { try await world.threads(room, bob) } == "M_FORBIDDEN")
            #expect(await refusal { try await world.threads(room, query: "include=x") } == "M_INVALID_PARAM")
            try await world.move(.join, bob, in: room)
            // The root is from before bob came.
            #expect(try await world.threads(room, bob).chunk.isEmpty)
        }
    }
}

extension World {
    func threads(_ room: String, _ user: String = alice, query: String = "") async throws -> Answer {
        var request = Request(.get, "/_matrix/client/v1/rooms/x/threads?\(query)")
        request.caller = Caller(userID: user, deviceID: "DEVICE")
        request.parameters = Parameters(["roomId": room])
        return Answer(try JSON(parsing: JSONCoder.encode(await sync.threads(request))))
    }
}
