import Contracts
import Matrix
import SQL
import ServiceLifecycle
import TestSupport
import Testing
import Topics

@testable import Roomserver

@Suite(.timeLimit(.minutes(2))) struct OutputTests {
    @Test(arguments: TestDatabase.allCases) func whatHappensIsPublishedInOrder(kind: TestDatabase) async throws {
        try await kind.with { database in
            let bus = RecordingBus()
            let rooms = try await makeRoomserver(database, bus: bus)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let services = rooms.services
                for service in services { group.addTask { try await service.run() } }
                let room = try await rooms.createRoom()
                for index in 0..<20 { try await rooms.send(message("\(index)"), to: room, transaction: "\(index)") }
                let published = await bus.messages.prefix(25).reduce(into: []) { $0.append($1) }
                #expect(published.compactMap(\.seq) == Array(1...Int64(25)))
                #expect(published.allSatisfy { $0.topic == "OutputRoomEvent" && $0.key == room })
                let log = try await rooms.call(QueryOutput(roomID: room, after: 0)).messages
                #expect(log.map(\.message.bytes) == published.map(\.bytes))
                group.cancelAll()
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatADeadProcessLeftIsPublishedByAnother(kind: TestDatabase) async throws {
        try await kind.with { database in
            let dead = try await makeRoomserver(database)
            let room = try await dead.createRoom()
            for index in 0..<5 { try await dead.send(message("\(index)"), to: room) }
            let bus = RecordingBus()
            let living = try await makeRoomserver(database, bus: bus)
            await withThrowingTaskGroup(of: Void.self) { group in
                for service in living.services { group.addTask { try await service.run() } }
                let published = await bus.messages.prefix(10).reduce(into: []) { $0.append($1) }
                #expect(published.compactMap(\.seq) == Array(1...Int64(10)))
                group.cancelAll()
            }
        }
    }

    @Test func anEventSaysAllThatListenersNeed() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.visibility = "joined" }
            try await rooms.send(draft("m.room.name", ["name": "x"], state: ""), to: room)
            let before = try #require(try await rooms.log(of: room).last)
            try await rooms.send(draft("m.room.name", ["name": "y"], state: ""), to: room)
            let after = try #require(try await rooms.log(of: room).last)
            #expect(after.isCurrentState)
            #expect(after.replacesID == before.eventID)
            #expect(after.replaces == before.event)
            #expect(after.roomVersion == "12")
            #expect(after.historyVisibility == "joined")
            try await rooms.send(
                draft("m.room.history_visibility", ["history_visibility": "world_readable"], state: ""), to: room)
            #expect(try await rooms.log(of: room).last?.historyVisibility == "world_readable")
            try await rooms.send(message("x"), to: room)
            #expect(try await rooms.log(of: room).last?.isCurrentState == false)
        }
    }

    @Test(arguments: TestDatabase.allCases) func headsSayHowFarEachRoomIs(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let first = try await rooms.createRoom(), second = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: second)
            let heads = try await rooms.call(QueryOutputHeads(changedSince: 0)).heads
            #expect(Set(heads.map(\.seq)) == [5, 6])
            #expect(heads.map(\.roomID) == [first, second].sorted())
            let rest = try await rooms.call(QueryOutputHeads(changedSince: 0, after: heads[0].roomID)).heads
            #expect(rest == [heads[1]])
            let never = try await rooms.call(QueryOutputHeads(changedSince: .max)).heads
            #expect(never.isEmpty)
            let own = try await rooms.call(QueryUserHeads(userID: bob, withinMS: 60_000)).heads
            #expect(own == [RoomHead(roomID: second, seq: 6)])
            let head = try await rooms.call(QueryRoomHead(roomID: first)).seq
            #expect(head == 5)
            #expect(await refusal { try await rooms.call(QueryRoomHead(roomID: "!x:example.org")) } == "M_NOT_FOUND")
        }
    }
}
