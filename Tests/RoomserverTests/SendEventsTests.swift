import Contracts
import Matrix
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite struct SendEventsTests {
    @Test(arguments: TestDatabase.allCases) func aTransactionIsDoneOnce(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database), other = try await makeRoomserver(database)
            let room = try await rooms.createRoom()
            let first = try await rooms.send(message("a"), to: room, transaction: "t")
            #expect(try await rooms.send(message("a"), to: room, transaction: "t") == first)
            #expect(try await other.send(message("a"), to: room, transaction: "t") == first)
            #expect(try await other.send(message("a"), to: room, transaction: "u") != first)
            #expect(try await rooms.log(of: room).count == 7)
            #expect(try await rooms.log(of: room)[5].transaction?.transactionID == "t")
            let elsewhere = try await rooms.createRoom()
            #expect(try await rooms.send(message("a"), to: elsewhere, transaction: "t") != first)
        }
    }

    @Test(arguments: TestDatabase.allCases) func anAnswerIsKeptForAWhile(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            let first = try await rooms.send(message("a"), to: room, transaction: "t")
            try await Pruning(storage: rooms.storage, retention: .seconds(60), logger: quiet).prune()
            #expect(try await rooms.send(message("a"), to: room, transaction: "t") == first)
            try await Pruning(storage: rooms.storage, retention: .seconds(-60), logger: quiet).prune()
            #expect(try await rooms.send(message("a"), to: room, transaction: "t") != first)
        }
    }

    @Test(arguments: TestDatabase.allCases) func theDraftsOfARequestAreAllOrNone(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            let refused = await refusal { try await rooms.send(message("a"), message("b", by: bob), to: room) }
            #expect(refused == "M_FORBIDDEN")
            #expect(try await rooms.log(of: room).count == 5)
            try await rooms.send(message("a"), message("b"), to: room)
            #expect(try await rooms.log(of: room).count == 7)
        }
    }

    @Test(arguments: TestDatabase.allCases) func stateThatIsSoAlreadyIsNotSetAgain(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            let first = try await rooms.send(draft("m.room.name", ["name": "x"], state: ""), to: room)
            #expect(try await rooms.send(draft("m.room.name", ["name": "x"], state: ""), to: room) == first)
            let second = try await rooms.send(draft("m.room.name", ["name": "y"], state: ""), to: room)
            #expect(second != first)
            let name = try await rooms.state("m.room.name", in: room)
            #expect(name["content"]?["name"]?.string == "y")
            #expect(name["unsigned"]?["prev_content"]?["name"]?.string == "x")
            #expect(name["unsigned"]?["replaces_state"]?.string == first)
        }
    }

    @Test func whatIsNoEventIsRefused() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom()
            #expect(await refusal { try await rooms.send(message("a"), to: "!no:example.org") } == "M_NOT_FOUND")
            #expect(await refusal { try await rooms.send(draft("a\u{0}"), to: room) } == "M_BAD_JSON")
            #expect(await refusal { try await rooms.send(draft("a", ["x": 1.5]), to: room) } == "M_BAD_JSON")
            #expect(
                await refusal { try await rooms.send(message(String(repeating: "x", count: 70_000)), to: room) } == "M_TOO_LARGE")
            let array = Draft(type: "a", sender: alice, content: RawJSON([1] as JSON))
            #expect(await refusal { try await rooms.send(array, to: room) } == "M_BAD_JSON")
            #expect(await refusal { try await rooms.send(message("x", by: "@a:other.org"), to: room) } == "M_FORBIDDEN")
            #expect(try await rooms.log(of: room).count == 5)
        }
    }

    @Test func aRoomsHistoryIsLinearHoweverManySendThroughTwoProcesses() async throws {
        try await TestDatabase.postgres.with { database in
            let replicas = [try await makeRoomserver(database), try await makeRoomserver(database)]
            let room = try await replicas[0].createRoom()
            var users: [String] = []
            for index in 0..<16 {
                let user = "@user\(index):example.org"
                users.append(user)
                try await replicas[0].move(.join, user, in: room)
            }
            let senders = users
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, user) in senders.enumerated() {
                    group.addTask {
                        for number in 0..<15 {
                            let key = TransactionKey(
                                userID: user, deviceID: "D", endpoint: "send", transactionID: "\(number / 2)")
                            let replica = replicas[(index + number) % 2]
                            let drafts =
                                number % 5 == 4
                                ? [
                                    draft(
                                        "m.room.member", ["membership": "join", "displayname": .string("\(number)")], state: user,
                                        by: user)
                                ]
                                : [message("\(number)", by: user)]
                            _ = try await replica.call(SendEvents(roomID: room, drafts: drafts, transaction: key))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let log = try await replicas[1].log(of: room)
            let expected = 5 + 16 + 16 * 8
            #expect(log.count == expected)
            #expect(Set(log.map(\.eventID)).count == log.count)
            for (before, after) in zip(log, log.dropFirst()) {
                let event = try Event(parsing: after.event.bytes, version: .default)
                #expect(event.prevEvents == [before.eventID])
            }
            for (index, user) in senders.enumerated() {
                let shown = try await replicas[index % 2].state("m.room.member", user, in: room)
                let last = log.last { $0.isCurrentState && $0.event.object?["state_key"]?.string == user }
                #expect(shown["event_id"]?.string == last?.eventID)
            }
            try await expectTablesToAgree(database)
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRefusedDraftFailsNoOther(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
                for index in 0..<40 {
                    group.addTask {
                        let sent = await refusal {
                            try await rooms.send(message("\(index)", by: index % 2 == 0 ? alice : bob), to: room)
                        }
                        return (index, sent == nil)
                    }
                }
                return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
            }
            let sent = Set(outcomes.filter(\.value).map(\.key))
            #expect(sent == Set((0..<20).map { $0 * 2 }))
            #expect(try await rooms.log(of: room).count == 25)
        }
    }
}
