import Contracts
import Delivery
import Matrix
import SQL
import ServiceLifecycle
import TestSupport
import Testing
import Topics
import Web

@testable import Roomserver

/// The ID of the request that caused it goes with every message, so that its log lines can be followed over processes.
@Suite(.timeLimit(.minutes(2))) struct RequestIDTests {
    @Test(arguments: TestDatabase.allCases)
    func messagesKeepTheirRequestAlsoWhenAnotherProcessPublishesThem(kind: TestDatabase) async throws {
        try await kind.with { database in
            let dead = try await makeRoomserver(database)
            let room = try await RequestID.$current.withValue("creation") { try await dead.createRoom() }
            // At once: some are done together by one of them.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        try await RequestID.$current.withValue("request-\(index)") {
                            _ = try await dead.send(message("\(index)"), to: room)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await RequestID.$current.withValue("joining") { _ = try await dead.move(.join, bob, in: room) }
            _ = try await dead.send(message("of nobody's request"), to: room)

            let bus = RecordingBus()
            let living = try await makeRoomserver(database, bus: bus)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in living.services { group.addTask { try await service.run() } }
                let published = await bus.messages.prefix(27).reduce(into: []) { $0.append($1) }
                #expect(published.prefix(5).allSatisfy { $0.requestID == "creation" })
                for one in published.dropFirst(5).prefix(20) {
                    guard case .newEvent(let told) = try JSONCoder.decode(OutputEvent.self, from: one.bytes) else { continue }
                    #expect(one.requestID == "request-\(told.event.object?["content"]?["body"]?.string ?? "")")
                }
                #expect(published.suffix(2).map(\.requestID) == ["joining", nil])
                group.cancelAll()
            }
        }
    }

    @Test func aListenerWorksUnderTheIDOfTheRequest() async throws {
        try await TestDatabase.sqlite.with { database in
            let bus = try await EmbeddedBus(storagePath: nil, logger: quiet)
            let rooms = try await makeRoomserver(database, bus: bus)
            let cursors = Cursors(prefix: "listener"), setAside = SetAside(prefix: "listener")
            try await database.migrate("listener", cursors.migrations + setAside.migrations)
            let (seen, seeing) = AsyncStream<String?>.makeStream()
            let follower = LogFollower(
                .rooms(rooms), cursors: cursors, setAside: setAside, database: database, logger: quiet
            ) { _, _ in seeing.yield(RequestID.current) }
            let running = rooms.services.map { service in Task { try await service.run() } }
            let room = try await RequestID.$current.withValue("creation") { try await rooms.createRoom() }
            let following = Task { try await follower.follow(bus, as: .appserviceRoomEvents) }
            var listening = seen.makeAsyncIterator()
            // What comes from the log is nobody's request: that may be the first of them.
            let sending = Task {
                while !Task.isCancelled {
                    try await RequestID.$current.withValue("sending") { _ = try await rooms.send(message("x"), to: room) }
                }
            }
            while let id = await listening.next(), id != "sending" {}
            for task in running + [following, sending] { task.cancel() }
        }
    }
}
