import Contracts
import Matrix
import SQL
import TestSupport
import Testing
import Topics

@testable import Roomserver

@Suite(.timeLimit(.minutes(2))) struct BusTests {
    @Test(arguments: TestDatabase.allCases) func listenersHearOfEveryRoomInOrder(kind: TestDatabase) async throws {
        try await kind.with { database in
            let bus = try await EmbeddedBus(storagePath: TestFolder.fresh(), logger: quiet)
            let replicas = [
                try await makeRoomserver(database, bus: bus), try await makeRoomserver(database, bus: bus),
            ]
            let (heard, hear) = AsyncStream<Delivered<OutputEvent>>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in replicas.flatMap(\.services) { group.addTask { try await service.run() } }
                group.addTask { try await bus.consume(.outputRoomEvent, as: .syncRoomEvents) { hear.yield($0) } }
                let rooms = [try await replicas[0].createRoom(), try await replicas[1].createRoom()]
                try await withThrowingTaskGroup(of: Void.self) { senders in
                    for index in 0..<40 {
                        senders.addTask { try await replicas[index % 2].send(message("\(index)"), to: rooms[index / 2 % 2]) }
                    }
                    try await senders.waitForAll()
                }
                var cursors: [String: Int64] = [:]
                for await delivered in heard {
                    let seq = try #require(delivered.seq), last = cursors[delivered.key] ?? 0
                    // What two publish comes twice; what is new comes in order.
                    if seq > last {
                        #expect(seq == last + 1)
                        cursors[delivered.key] = seq
                    }
                    if rooms.allSatisfy({ cursors[$0] == 25 }) { break }
                }
                group.cancelAll()
            }
            await bus.close()
        }
    }
}
