import Contracts
import Dispatch
import Matrix
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite(.timeLimit(.minutes(2))) struct GroupCommitTests {
    /// Many rooms at once, with state, redactions and requests that come twice: each as if it were alone.
    @Test(arguments: TestDatabase.allCases)
    func roomsThatAreWrittenTogetherStayApart(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            var ids: [String] = []
            for _ in 0..<6 { ids.append(try await rooms.createRoom()) }
            let sent = try await withThrowingTaskGroup(of: (String, String).self) { group in
                for (index, room) in ids.enumerated() {
                    for number in 0..<10 {
                        group.addTask {
                            let first = try await rooms.send(message("\(number)"), to: room, transaction: "t\(number)")
                            let again = try await rooms.send(message("other"), to: room, transaction: "t\(number)")
                            #expect(first == again)
                            return (room, first)
                        }
                    }
                    group.addTask { (room, try await rooms.send(draft("m.room.topic", ["topic": .string("\(index)")], state: ""), to: room)) }
                    group.addTask {
                        _ = try await rooms.move(.join, bob, in: room)
                        return (room, "")
                    }
                    group.addTask {
                        #expect(await refusal { try await rooms.send(message("no", by: carol), to: room) } == "M_FORBIDDEN")
                        return (room, "")
                    }
                }
                return try await group.reduce(into: [String: Set<String>]()) { $0[$1.0, default: []].insert($1.1) }
            }
            for (index, room) in ids.enumerated() {
                let log = try await rooms.log(of: room)
                #expect(log.count == 5 + 12)
                #expect(sent[room]?.subtracting([""]).isSubset(of: log.map(\.eventID)) == true)
                #expect(try await rooms.state("m.room.topic", in: room)["content"]?["topic"] == .string("\(index)"))
                #expect(try await rooms.membership(of: bob, in: room) == "join")
            }
        }
    }

    /// Whoever holds a room's lock holds up that room alone.
    @Test func aRoomThatIsLockedHoldsUpNoOther() async throws {
        try await TestDatabase.postgres.with { database in
            let rooms = try await makeRoomserver(database)
            let locked = try await rooms.createRoom(), free = try await rooms.createRoom()
            let (held, holding) = AsyncStream<Void>.makeStream()
            let release = DispatchSemaphore(value: 0)
            let holder = Task {
                try await database.transaction { tx in
                    try tx.run("SELECT 1 FROM roomserver_rooms WHERE room_id = \(locked) FOR UPDATE")
                    holding.yield()
                    release.wait()
                }
            }
            for await _ in held { break }
            let waiting = Task { try await rooms.send(message("late"), to: locked) }
            for number in 0..<5 {
                async let more = rooms.send(message("more \(number)"), to: free)
                async let most = rooms.send(message("most \(number)"), to: free)
                _ = try await (more, most)
            }
            release.signal()
            try await holder.value
            _ = try await waiting.value
            #expect(try await rooms.log(of: locked).count == 6)
        }
    }

    /// What is wrong with one room is not the others' fault.
    @Test(arguments: TestDatabase.allCases)
    func aRoomThatFailsFailsAlone(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database)
            let broken = try await rooms.createRoom(), sound = try await rooms.createRoom()
            try await database.transaction { try $0.run("UPDATE roomserver_rooms SET version = 'later' WHERE room_id = \(broken)") }
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        #expect(await refusal { try await rooms.send(message("\(number)"), to: broken) } == "M_UNSUPPORTED_ROOM_VERSION")
                    }
                    group.addTask { #expect(await refusal { try await rooms.send(message("\(number)"), to: sound) } == nil) }
                }
            }
            #expect(try await rooms.log(of: sound).count == 25)
        }
    }
}
