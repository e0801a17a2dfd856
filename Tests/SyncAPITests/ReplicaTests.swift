import Logging
import Matrix
import NATS
import SQL
import TestSupport
import Testing
import Topics

@testable import SyncAPI

/// Two syncapis on one PostgreSQL and one nats-server.
@Suite struct ReplicaTests {
    @Test func whenTheOneThatWritesStopsTheOtherGoesOn() async throws {
        let server = try await TestNATS.start()
        let (one, oneClient) = try await bus(server), (two, twoClient) = try await bus(server)
        try await World.on(.postgres, buses: [one, two]) { world in
            let room = try await world.createRoom()
            let first = try await world.sync(at: 0)
            // Whoever waits at either hears of it.
            async let here = world.sync(since: first.next, timeoutMS: 20_000, at: 0)
            async let there = world.sync(since: first.next, timeoutMS: 20_000, at: 1)
            try await world.say("one", in: room)
            #expect(try await here.joined(room)?.timeline.bodies == ["one"])
            let second = try await there
            #expect(second.joined(room)?.timeline.bodies == ["one"])

            await world.stop(1)
            try await world.say("two", in: room)
            let third = try await world.awaitSync(since: second.next, at: 1) { $0.joined(room) != nil }
            #expect(third.joined(room)?.timeline.bodies == ["two"])
        }
        await oneClient.close()
        await twoClient.close()
    }

    @Test func nothingIsMissingAfterTheServerOfTheBusWasKilled() async throws {
        let server = try await TestNATS.start()
        let (bus, client) = try await bus(server)
        try await World.on(.postgres, buses: [bus]) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            for index in 0..<5 { try await world.say("\(index)", in: room) }
            server.kill()
            for index in 5..<10 { try await world.say("\(index)", in: room) }
            try await server.start()
            for index in 10..<15 { try await world.say("\(index)", in: room) }
            var since = first.next, bodies: [String] = []
            while bodies.last != "14" {
                let answer = try await world.awaitSync(since: since) { $0.joined(room) != nil }
                bodies += answer.joined(room)?.timeline.bodies ?? []
                since = answer.next
            }
            #expect(bodies == (0..<15).map { "\($0)" })
        }
        await client.close()
    }

    private func bus(_ server: TestNATS) async throws -> (any Bus, NATSClient) {
        var options = try NATSOptions(addresses: [server.url])
        options.backoff = Backoff(first: .milliseconds(20), longest: .milliseconds(200))
        let client = try NATSClient(options, logger: quiet)
        let bus = try JetStreamBus(client: client, logger: quiet)
        try await bus.start()
        return (bus, client)
    }
}
