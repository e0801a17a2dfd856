import Contracts
import Delivery
import Foundation
import Logging
import Matrix
import SQL
import Synchronization
import TestSupport
import Testing
import Topics

@testable import SyncAPI

/// What the projection makes of a bus that loses, repeats and mixes up, and of replicas that come and go.
@Suite struct ProjectorTests {
    @Test(arguments: TestDatabase.allCases) func whatIsDeliveredTwiceIsShownOnce(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            world.local.onPublish { [$1, $1] }
            let room = try await world.createRoom()
            for index in 0..<10 { try await world.say("\(index)", in: room) }
            #expect(try await bodies(world, room) == (0..<10).map { "\($0)" })
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsLostIsAskedFor(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            // Only every fourth arrives; the last of all does.
            world.local.onPublish { _, message in (message.seq ?? 0) % 4 == 0 ? [message] : [] }
            for index in 0..<11 { try await world.say("\(index)", in: room) }
            #expect(try await bodies(world, room, until: "10") == (0..<11).map { "\($0)" })
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatArrivesInDisorderIsShownInOrder(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let held = Mutex<[LocalBus.Message]>([])
            let room = try await world.createRoom()
            _ = try await world.sync()
            world.local.onPublish { topic, message in
                guard topic == "OutputRoomEvent" else { return [message] }
                held.withLock { $0.append(message) }
                return []
            }
            for index in 0..<6 { try await world.say("\(index)", in: room) }
            while held.withLock({ $0.count }) < 6 { try await Task.sleep(for: .milliseconds(5)) }
            world.local.onPublish { [$1] }
            for index in [3, 0, 5, 1, 4, 2] { world.local.enqueue(held.withLock { $0[index] }, topic: "OutputRoomEvent") }
            #expect(try await bodies(world, room, until: "5") == (0..<6).map { "\($0)" })
        }
    }

    @Test(arguments: TestDatabase.allCases) func lossesAtTheEndShowAfterAReconnection(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            world.local.onPublish { _, _ in [] }
            try await world.say("lost", in: room)
            try await world.setData("m.direct", [:])
            world.local.reconnect()
            let second = try await world.awaitSync(since: first.next) { $0.joined(room) != nil }
            #expect(second.joined(room)?.timeline.bodies == ["lost"])
            #expect(try await world.sync().accountData.types == ["m.direct"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatCannotBeAppliedIsSetAside(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            let poison: [UInt8] = Array(#"{"newEvent":{"no":"sense"}}"#.utf8)
            world.local.onPublish { topic, message in
                guard topic == "OutputRoomEvent", message.seq == 6 else { return [message] }
                return [LocalBus.Message(message: poison, key: message.key, seq: 6, id: message.id)]
            }
            try await world.say("poisoned", in: room)
            // A receipt for an event that no database can name.
            try await world.read("$\u{0}", in: room, by: alice)
            try await world.say("after", in: room)
            let second = try await world.awaitSync(since: first.next) { $0.joined(room)?.timeline.bodies.contains("after") == true }
            #expect(second.joined(room)?.timeline.bodies == ["after"])
            var kept: [SetAside.Entry] = []
            for _ in 0..<100 where kept.count < 2 {
                kept = try await world.database.read { try SyncCursors().setAside.entries(in: $0) }
                if kept.count < 2 { try await Task.sleep(for: .milliseconds(100)) }
            }
            #expect(Set(kept.map(\.topic)) == ["OutputRoomEvent", "OutputReceiptEvent"])
            let one = try #require(kept.first { $0.topic == "OutputRoomEvent" })
            #expect((one.key, one.id, one.message) == (room, "6", poison))
        }
    }

    @Test(arguments: TestDatabase.allCases) func theBuiltInBusCarriesItToo(kind: TestDatabase) async throws {
        let bus = try await EmbeddedBus(storagePath: nil, logger: quiet)
        try await World.on(kind, buses: [bus]) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync()
            async let answer = world.sync(since: first.next, timeoutMS: 20_000)
            try await world.type(bob, in: room)
            #expect(try await answer.joined(room)?.typing == [bob])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<30 { group.addTask { try await world.say("\(index)", in: room) } }
                try await group.waitForAll()
            }
            #expect(try await Set(bodies(world, room)) == Set((0..<30).map { "\($0)" }))
        }
        await bus.close()
    }

    @Test func aTokenOfOneReplicaGoesOnAtAnother() async throws {
        try await World.on(.postgres, replicas: 2) { world in
            let room = try await world.createRoom()
            let first = try await world.sync(at: 0)
            try await world.say("one", in: room)
            let second = try await world.sync(since: first.next, timeoutMS: 10_000, at: 1)
            #expect(second.joined(room)?.timeline.bodies == ["one"])
            try await world.say("two", in: room)
            let third = try await world.sync(since: second.next, timeoutMS: 10_000, at: 0)
            #expect(third.joined(room)?.timeline.bodies == ["two"])
        }
    }

    @Test func whenTheHolderOfTheLeaseStopsAnotherGoesOn() async throws {
        try await World.on(.postgres) { world in
            let second = try await SyncAPI(
                config: SyncAPIConfig(serverName: server), database: world.database, bus: world.bus, roomserver: world.rooms,
                users: world.users, logger: quiet)
            let room = try await world.createRoom()
            let first = try await world.sync()
            // As if another had taken the lease, and died without a word.
            let holder = try await lease(world.database)
            #expect(holder.epoch == 1)
            try await world.database.transaction { tx in
                try tx.run("UPDATE syncapi_leases SET epoch = epoch + 1, holder = 'one that dies'")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in second.services { group.addTask { try? await service.run() } }
                defer { group.cancelAll() }
                try await world.say("hello", in: room)
                let started = ContinuousClock.now
                let answer = try await world.awaitSync(since: first.next) { $0.joined(room) != nil }
                #expect(answer.joined(room)?.timeline.bodies == ["hello"])
                #expect(ContinuousClock.now - started < .seconds(8))
                let now = try await lease(world.database)
                #expect(now.epoch == 3)
            }
        }
    }

    @Test func whereNoneElseCanBeTheLeaseOfTheDeadIsTakenAtOnce() async throws {
        try await TestDatabase.sqlite.with { database in
            try await database.migrate("syncapi", SyncMigrations.all)
            _ = try await database.transaction { tx in
                try Leases(prefix: "syncapi", duration: .seconds(3_600)).acquire("projector", holder: "the dead", in: tx)
            }
            let service = ProjectorService(
                serverName: server, database: database, isAlone: false, tellsPresence: false, notifier: Notifier(), bus: LocalBus(),
                roomserver: RoomserverClient(NoLink()), users: UserClient(NoLink()), logger: quiet)
            let running = Task { try await service.run() }
            var epoch: Int64 = 1
            for _ in 0..<400 where epoch == 1 {
                epoch = try await lease(database).epoch
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(epoch == 2)
            running.cancel()
            _ = await running.result
        }
    }

    private func lease(_ database: Database) async throws -> (holder: String, epoch: Int64) {
        let row = try await database.read {
            try $0.row("SELECT holder, epoch FROM syncapi_leases WHERE name = 'projector'", as: String.self, Int64.self)
        }
        return try #require(row)
    }

    /// Every message of a room, once the last is there.
    private func bodies(_ world: World, _ room: String, until last: String? = nil) async throws -> [String] {
        let first = try await world.sync(filter: ["room": ["timeline": ["limit": 100]]])
        guard let last, first.joined(room)?.timeline.bodies.last != last else { return first.joined(room)?.timeline.bodies ?? [] }
        _ = try await world.awaitSync(since: first.next) { $0.joined(room)?.timeline.bodies.last == last }
        return try await world.sync(filter: ["room": ["timeline": ["limit": 100]]]).joined(room)?.timeline.bodies ?? []
    }
}
