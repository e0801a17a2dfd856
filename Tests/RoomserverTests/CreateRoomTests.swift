import Contracts
import Matrix
import RoomRules
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite struct CreateRoomTests {
    @Test(arguments: RoomVersion.allCases) func aRoomOfEveryVersionHoldsByItsOwnRules(version: RoomVersion) async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.version = version.rawValue }
            try await rooms.send(message("hello"), to: room)
            let log = try await rooms.log(of: room)
            #expect(log.count == 6)
            var events: [String: Event] = [:]
            var state: [StateKey: Event] = [:]
            for (index, output) in log.enumerated() {
                let event = try Event(parsing: output.event.bytes, version: version)
                #expect(event.eventID == output.eventID)
                #expect(event.roomID == room)
                #expect(event.depth == Int64(index + 1))
                #expect(event.prevEvents == (index == 0 ? [] : [log[index - 1].eventID]))
                #expect(ContentHash.isValid(event))
                try event.checkSignatures { $0 == server ? [signingKey.verifyKey] : [] }
                try authorize(
                    event, byAuthEvents: event.authEvents.compactMap { events[$0] }, create: state[StateKey("m.room.create")],
                    isRejected: { _ in false })
                try authorize(event, against: { state[StateKey($0, $1)] })
                events[event.eventID] = event
                if let stateKey = event.stateKey { state[StateKey(event.type, stateKey)] = event }
            }
            let create = try #require(state[StateKey("m.room.create")])
            #expect(create.content["room_version"]?.string == version.rawValue)
            #expect(create.content.contains("creator") == version.rules.createNamesCreator)
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRefusedDraftLeavesNothing(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let alias = "#room:example.org"
            #expect(
                await refusal {
                    try await rooms.createRoom {
                        $0.alias = alias
                        $0.extra = [draft("m.room.name", ["name": "x"], state: "", by: bob)]
                    }
                } == "M_INVALID_ROOM_STATE")
            #expect(await refusal { try await rooms.room(named: alias) } == "M_NOT_FOUND")
            let heads = try await rooms.call(QueryOutputHeads(changedSince: 0)).heads
            #expect(heads.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func theSameKeyIsTheSameRoom(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let first = try await rooms.createRoom { $0.key = "k" }
            #expect(try await rooms.createRoom { $0.key = "k" } == first)
            #expect(try await rooms.createRoom { $0.key = "l" } != first)
            #expect(try await rooms.joinedRooms(of: alice).count == 2)
        }
    }

    @Test(arguments: TestDatabase.allCases) func anAliasIsOneRooms(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom { $0.alias = "#a:example.org" }
            #expect(try await rooms.room(named: "#a:example.org") == room)
            #expect(await refusal { try await rooms.createRoom { $0.alias = "#a:example.org" } } == "M_ROOM_IN_USE")
            #expect(try await rooms.joinedRooms(of: alice) == [room])
        }
    }

    @Test func whatCannotBeMadeIsRefused() async throws {
        try await withRoomserver(.sqlite) { rooms in
            #expect(await refusal { try await rooms.createRoom { $0.version = "13" } } == "M_UNSUPPORTED_ROOM_VERSION")
            #expect(
                await refusal { try await rooms.createRoom { $0.creationContent = ["additional_creators": ["bob"]] } }
                    == "M_BAD_JSON")
            #expect(
                await refusal {
                    try await rooms.createRoom {
                        $0.extra = [draft("m.room.member", ["membership": "invite"], state: bob, by: carol)]
                    }
                } == "M_FORBIDDEN")
            #expect(
                await refusal { try await rooms.createRoom { $0.levels = ["users": [.string(alice): 100].json] } }
                    == "M_INVALID_ROOM_STATE")
        }
    }

    @Test(arguments: TestDatabase.allCases) func manyRoomsAtOnceAreManyRooms(kind: TestDatabase) async throws {
        try await kind.with { database in
            let replicas = [try await makeRoomserver(database), try await makeRoomserver(database)]
            let rooms = try await withThrowingTaskGroup(of: String.self) { group in
                // Every key comes twice, once to each replica.
                for index in 0..<40 {
                    group.addTask { try await replicas[index % 2].createRoom { $0.key = "\(index / 2)" } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(rooms).count == 20)
            #expect(try await replicas[0].joinedRooms(of: alice).count == 20)
        }
    }

    @Test func additionalCreatorsMayDoEverything() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.creationContent = ["additional_creators": [.string(bob)]] }
            try await rooms.move(.join, bob, in: room)
            try await rooms.send(draft("m.room.power_levels", ["users_default": 1], state: "", by: bob), to: room)
            #expect(try await rooms.state("m.room.power_levels", in: room)["sender"]?.string == bob)
        }
    }
}

extension [JSON: JSON] {
    fileprivate var json: JSON { .object(JSONObject(compactMap { key, value in key.string.map { ($0, value) } })) }
}
