import NATS
import TestSupport
import Testing

@testable import Topics

@Suite struct JetStreamBusTests {
    private let events = StreamSpec(name: "Events", retention: .interest)
    private let one = Durable(name: "One", topic: "Events")

    @Test func streamsThatAreLostAreMadeAgainWithTheirDurables() async throws {
        let running = try await TestBus.jetStream.start([events], [one]), bus = try await running.bus
        let heard = Heard(), server = try #require(await running.server)
        var reconnections = bus.reconnections.makeAsyncIterator()
        try await consuming(bus, one, { heard.add($0) }) {
            try await bus.publish(bytes: [1], topic: "Events", key: "k", id: "1", seq: 1)
            try await eventually { heard.count == 1 }
            server.kill()
            try server.forgetStreams()
            try await server.start()
            try await eventually(.seconds(30)) {
                (try? await bus.publish(bytes: [2], topic: "Events", key: "k", id: "2", seq: 2)) != nil
            }
            try await eventually(.seconds(40)) { heard.count >= 2 }
        }
        #expect(heard.all.compactMap(\.seq) == [1, 2])
        #expect(await reconnections.next() != nil)
        await running.end()
    }

    @Test func aLogIsReadAgainAfterItsStreamWasLost() async throws {
        let log = StreamSpec(name: "Log", retention: .interest, isLog: true), reader = Durable(name: "Reader", topic: "Log")
        let running = try await TestBus.jetStream.start([log], [reader]), bus = try await running.bus
        let heard = Heard(), server = try #require(await running.server)
        try await consumingBatches(bus, reader, { $0.forEach(heard.add) }) {
            try await bus.publish(bytes: [1], topic: "Log", key: "k", id: "1", seq: 1)
            try await eventually { heard.count == 1 }
            server.kill()
            try server.forgetStreams()
            try await server.start()
            try await eventually(.seconds(30)) {
                (try? await bus.publish(bytes: [2], topic: "Log", key: "k", id: "2", seq: 2)) != nil
            }
            try await eventually(.seconds(40)) { heard.count >= 2 }
        }
        #expect(heard.all.compactMap(\.seq) == [1, 2])
        await running.end()
    }

    @Test func whatAnEarlierReleaseReadALogByIsTakenAway() async throws {
        let server = try await TestNATS.start(), reader = Durable(name: "Reader", topic: "Log")
        let client = try NATSClient(NATSOptions(addresses: [server.url]), logger: quietLogger())
        let bus = try JetStreamBus(client: client, options: .init(prefix: "Test"), logger: quietLogger())
        try await bus.start(streams: [StreamSpec(name: "Log", retention: .interest)], durables: [reader])
        #expect(try await JetStream(client).consumerNames(on: "TestLog").count == Partition.count)
        let next = try JetStreamBus(client: client, options: .init(prefix: "Test"), logger: quietLogger())
        try await next.start(streams: [StreamSpec(name: "Log", retention: .interest, isLog: true)], durables: [reader])
        #expect(try await JetStream(client).consumerNames(on: "TestLog") == ["Reader"])
        await client.close()
    }

    @Test func manyMayStartAtOnce() async throws {
        let server = try await TestNATS.start(), events = events, one = one
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let client = try NATSClient(NATSOptions(addresses: [server.url]), logger: quietLogger())
                    let bus = try JetStreamBus(client: client, options: .init(prefix: "Test"), logger: quietLogger())
                    try await bus.start(streams: [events], durables: [one])
                    await client.close()
                }
            }
            try await group.waitForAll()
        }
        let client = try NATSClient(NATSOptions(addresses: [server.url]), logger: quietLogger())
        try await client.ready()
        #expect(try await JetStream(client).consumerNames(on: "TestEvents").count == Partition.count)
        await client.close()
    }

    @Test func aStreamKeptInAnotherWayIsAnError() async throws {
        let running = try await TestBus.jetStream.start([events], [one]), server = try #require(await running.server)
        let client = try NATSClient(NATSOptions(addresses: [server.url]), logger: quietLogger())
        let bus = try JetStreamBus(client: client, options: .init(prefix: "Test"), logger: quietLogger())
        await #expect(throws: BusError.self) {
            try await bus.start(streams: [StreamSpec(name: "Events", retention: .workQueue)], durables: [one])
        }
        await client.close()
        await running.end()
    }

    @Test func publishingWaitsForAServerThatRestarts() async throws {
        let running = try await TestBus.jetStream.start([events], [one]), bus = try await running.bus
        let heard = Heard(), server = try #require(await running.server)
        try await consuming(bus, one, { heard.add($0) }) {
            let publishing = Task {
                for seq in 1...200 as ClosedRange<Int64> {
                    try await bus.publish(bytes: [], topic: "Events", key: "k", id: "\(seq)", seq: seq)
                }
            }
            for _ in 0..<2 {
                try await Task.sleep(for: .milliseconds(20))
                server.kill()
                try await server.start()
            }
            try await publishing.value
            try await eventually(.seconds(40)) { heard.all.last?.seq == 200 }
        }
        var last: Int64 = 0
        for seq in heard.all.compactMap(\.seq) {
            #expect(seq <= last + 1, "none is skipped")
            last = max(last, seq)
        }
        await running.end()
    }
}
