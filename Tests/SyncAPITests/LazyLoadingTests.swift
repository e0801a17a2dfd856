import Matrix
import TestSupport
import Testing

@testable import SyncAPI

/// Members that are told of once.
@Suite struct LazyLoadingTests {
    private static let lazy: JSON = ["room": ["state": ["lazy_load_members": true], "timeline": ["limit": 4]]]
    private static let redundant: JSON = [
        "room": ["state": ["lazy_load_members": true, "include_redundant_members": true], "timeline": ["limit": 4]]
    ]

    @Test(arguments: TestDatabase.allCases) func aMemberIsToldOfOnceUnlessTheClientWantsThemAgain(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await namedRoom(world)
            for filter in [Self.lazy, Self.redundant] {
                try await world.say("1", in: room, by: bob)
                let first = try await world.sync(filter: filter)
                #expect(members(first, room) == [alice, bob])
                try await world.say("2", in: room, by: bob)
                try await world.say("3", in: room, by: carol)
                let second = try await world.sync(since: first.next, filter: filter)
                #expect(members(second, room) == (filter == Self.lazy ? [carol] : [bob, carol]))
                try await world.say("4", in: room, by: carol)
                let third = try await world.sync(since: second.next, filter: filter, timeoutMS: 1_000)
                #expect(members(third, room) == (filter == Self.lazy ? [] : [carol]))
                // From memory, if it is lucky.
                try await world.say("5", in: room, by: carol)
                let fourth = try await world.sync(since: third.next, filter: filter, timeoutMS: 1_000)
                #expect(members(fourth, room) == (filter == Self.lazy ? [] : [carol]))
                for index in 0..<4 { try await world.say("\(index)", in: room) }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatAClientDidNotGetIsToldAgain(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await namedRoom(world)
            let first = try await world.sync(filter: Self.lazy)
            try await world.say("1", in: room, by: bob)
            let lost = try await world.sync(since: first.next, filter: Self.lazy)
            #expect(members(lost, room) == [bob])
            let again = try await world.sync(since: first.next, filter: Self.lazy)
            #expect(members(again, room) == [bob])
            // A client that has only now got the first of the two is told once more, rather than never.
            try await world.say("2", in: room, by: bob)
            #expect(members(try await world.sync(since: again.next, filter: Self.lazy), room) == [])
            #expect(members(try await world.sync(since: lost.next, filter: Self.lazy), room) == [bob])
            // Whoever begins anew has nothing.
            #expect(members(try await world.sync(filter: Self.lazy), room) == [alice, bob])
            // Nor has a client at another replica, as far as that knows.
            let other = try SyncToken(again.next, named: "since")
            var elsewhere = try #require(other.mark)
            elsewhere.series &+= 1
            let token = SyncToken(position: other.position, mark: elsewhere).description
            #expect(members(try await world.sync(since: token, filter: Self.lazy), room) == [bob])
        }
    }

    @Test func aTokenWithAMarkIsUnderstoodEverywhere() async throws {
        try await World.on(.sqlite) { world in
            let room = try await namedRoom(world)
            try await world.say("1", in: room, by: bob)
            let first = try await world.sync(filter: Self.lazy)
            #expect(first.next.split(separator: "_").count == 3)
            try await world.say("2", in: room, by: bob)
            #expect(try await world.sync(since: first.next).joined(room)?.timeline.bodies == ["2"])
            let page = try await world.messages(room, from: first.next, direction: "f")
            #expect(page.chunk.bodies == ["2"])
            let token = try SyncToken(first.next, named: "since")
            #expect(token.description == first.next)
        }
    }

    @Test func whoIsNotAskedForForLongestIsForgotten() {
        let told = ToldMembers(most: 4)
        let first = told.record(["!r": ["@1", "@2"]], after: nil, of: alice)
        let second = told.record(["!r": ["@3", "@4"]], after: nil, of: bob)
        #expect(told.known(at: first, of: alice).contains("@1", in: "!r"))
        #expect(!told.known(at: first, of: bob).contains("@1", in: "!r"))
        #expect(told.record([:], after: second, of: bob) == second)
        let third = told.record(["!r": ["@5"]], after: nil, of: carol)
        #expect(!told.known(at: first, of: alice).contains("@1", in: "!r"))
        #expect(told.known(at: third, of: carol).contains("@5", in: "!r"))
    }

    /// With alice, bob and carol, and a name, so that nobody is shown for a name's sake.
    private func namedRoom(_ world: World) async throws -> String {
        let room = try await world.createRoom()
        try await world.send(room, "m.room.name", ["name": "n"], state: "")
        for user in [bob, carol] { try await world.move(.join, user, in: room) }
        for index in 0..<4 { try await world.say("\(index)", in: room) }
        return room
    }

    private func members(_ answer: Answer, _ room: String) -> Set<String> {
        Set((answer.joined(room)?.state ?? []).filter { $0.type == "m.room.member" }.compactMap { $0["state_key"]?.string })
    }
}
