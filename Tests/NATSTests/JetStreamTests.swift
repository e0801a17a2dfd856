import Foundation
import TestSupport
import Testing

@testable import NATS

@Suite struct JetStreamTests {
    private func jetStream(_ server: TestNATS) async throws -> JetStream {
        let client = try await client(of: [server])
        try await client.ready()
        return JetStream(client)
    }

    private let work = StreamConfiguration(name: "S", subjects: ["s.>"], retention: .workQueue)

    @Test func streamsAreMadeChangedAndDeleted() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        #expect(try await jetStream.stream("S") == nil)
        try await jetStream.create(work)
        try await jetStream.create(work)
        #expect(try await jetStream.stream("S")?.configuration == work)
        var changed = work
        changed.maxBytes = 1_000_000
        try await jetStream.update(changed)
        #expect(try await jetStream.stream("S")?.configuration.maxBytes == 1_000_000)
        changed.retention = .limits
        await #expect(throws: JetStreamError.self) { try await jetStream.update(changed) }
        var taken = StreamConfiguration(name: "T", subjects: ["s.x"])
        let overlap = await #expect(throws: JetStreamError.self) { try await jetStream.create(taken) }
        #expect(overlap?.kind == .streamSubjectOverlap)
        taken.name = "S"
        let inUse = await #expect(throws: JetStreamError.self) { try await jetStream.create(taken) }
        #expect(inUse?.kind == .streamNameInUse)
        #expect(try await jetStream.deleteStream("S"))
        #expect(try await !jetStream.deleteStream("S"))
        await jetStream.client.close()
    }

    @Test func consumersAreMadeAndDeleted() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        try await jetStream.create(work)
        let configuration = ConsumerConfiguration(durable: "C", filterSubject: "s.1.>", maxAckPending: 1)
        try await jetStream.create(configuration, on: "S")
        try await jetStream.create(configuration, on: "S")
        #expect(try await jetStream.consumerNames(on: "S") == ["C"])
        let info = try #require(try await jetStream.consumer("C", on: "S"))
        #expect(info.configuration.filterSubject == "s.1.>" && info.configuration.maxAckPending == 1)
        #expect(try await jetStream.deleteConsumer("C", on: "S"))
        #expect(try await !jetStream.deleteConsumer("C", on: "S"))
        #expect(try await jetStream.consumer("C", on: "S") == nil)
        await jetStream.client.close()
    }

    @Test func publishingIsAcknowledgedAndRepeatsAreKnown() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        try await jetStream.create(work)
        let first = try await jetStream.publish([1], to: "s.1", messageID: "one")
        #expect(first == PublishAcknowledgement(stream: "S", sequence: 1, isDuplicate: false))
        #expect(try await jetStream.publish([1], to: "s.1", messageID: "one").isDuplicate)
        try await jetStream.publish([2], to: "s.1", expecting: .lastOfStream(1))
        let wrong = await #expect(throws: JetStreamError.self) {
            try await jetStream.publish([3], to: "s.1", expecting: .lastOfStream(1))
        }
        #expect(wrong?.kind == .wrongLastSequence)
        try await jetStream.publish([3], to: "s.1", expecting: .lastOfSubject(2))
        await #expect(throws: NATSError.noResponders) { try await jetStream.publish([1], to: "elsewhere", messageID: "x") }
        await jetStream.client.close()
    }

    @Test func aFullStreamRefuses() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        try await jetStream.create(StreamConfiguration(name: "F", subjects: ["f"], discard: .new, maxBytes: 2_000))
        try await jetStream.publish(Array(repeating: 0, count: 1_000), to: "f")
        let full = await #expect(throws: JetStreamError.self) {
            try await jetStream.publish(Array(repeating: 0, count: 1_000), to: "f", messageID: "x")
        }
        #expect(full?.isFull == true)
        await jetStream.client.close()
    }

    private func consumer(_ jetStream: JetStream, ackWait: Duration = .seconds(10)) async throws -> PullConsumer {
        try await jetStream.create(work)
        try await jetStream.create(ConsumerConfiguration(durable: "C", ackWait: ackWait, maxAckPending: 1), on: "S")
        return try PullConsumer(jetStream, stream: "S", name: "C")
    }

    @Test func aFetchEndsWhenThereIsNoMore() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        try await jetStream.create(work)
        try await jetStream.create(ConsumerConfiguration(durable: "C"), on: "S")
        let consumer = try PullConsumer(jetStream, stream: "S", name: "C")
        #expect(try await consumer.fetch(10).isEmpty)
        for number in 0..<5 as Range<UInt8> { try await jetStream.publish([number], to: "s.1") }
        let messages = try await within { try await consumer.fetch(10) }
        #expect(messages.map(\.message.payload) == [[0], [1], [2], [3], [4]])
        #expect(messages.map(\.delivery.streamSequence) == [1, 2, 3, 4, 5])
        for message in messages { try await message.doubleAck() }
        #expect(try await jetStream.stream("S")?.state.messages == 0)
        #expect(try await within { try await consumer.fetch(10, expires: .milliseconds(100)) }.isEmpty)
        await jetStream.client.close()
    }

    @Test func oneOutstandingKeepsTheOrder() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        let consumer = try await consumer(jetStream)
        for number in 0..<100 as Range<UInt8> { try await jetStream.publish([number], to: "s.1") }
        try await within {
            for number in 0..<100 as Range<UInt8> {
                var message = try await consumer.next()
                if number % 10 == 3 {
                    try message.nak(delay: .milliseconds(30))
                    message = try await consumer.next()
                    #expect(message.delivery.deliveries == 2)
                }
                #expect(message.message.payload == [number])
                try message.ack()
            }
        }
        await jetStream.client.close()
    }

    @Test func whatIsNotAcknowledgedComesAgainUnlessInProgressOrTerminated() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        let consumer = try await consumer(jetStream, ackWait: .seconds(3))
        for number in 0..<3 as Range<UInt8> { try await jetStream.publish([number], to: "s.1") }
        try await within {
            let first = try await consumer.next()
            let again = try await consumer.next()
            #expect(again.message.payload == first.message.payload && again.delivery.deliveries == 2)
            for _ in 0..<9 {
                try await Task.sleep(for: .milliseconds(400))
                try again.inProgress()
            }
            try await again.doubleAck()
            let second = try await consumer.next()
            #expect(second.message.payload == [1] && second.delivery.deliveries == 1)
            try second.term()
            #expect(try await consumer.next().message.payload == [2])
        }
        await jetStream.client.close()
    }

    @Test func whatWasNotReadIsGivenBackOnClosing() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        let consumer = try await consumer(jetStream, ackWait: .seconds(60))
        let waiting = Task { try await consumer.next(PullConsumer.Pull(batch: 1)) }
        try await eventually { try await jetStream.consumer("C", on: "S")?.waitingPulls == 1 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        try await jetStream.publish([1], to: "s.1")
        try await eventually { consumer.unread > 0 }
        await consumer.close()
        let next = try PullConsumer(jetStream, stream: "S", name: "C")
        #expect(try await within { try await next.next() }.message.payload == [1])
        await jetStream.client.close()
    }

    @Test func aConsumerThatIsGoneIsNoticed() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        let consumer = try await consumer(jetStream)
        let waiting = Task { try await within { try await consumer.next(PullConsumer.Pull(heartbeat: .milliseconds(500))) } }
        try await eventually { try await jetStream.consumer("C", on: "S")?.waitingPulls == 1 }
        try await jetStream.deleteConsumer("C", on: "S")
        await #expect(throws: NATSError.noResponders) { _ = try await waiting.value }
        await #expect(throws: NATSError.noResponders) { _ = try await within { try await consumer.next(PullConsumer.Pull(heartbeat: .milliseconds(500))) } }
        await jetStream.client.close()
    }

    @Test func nothingAcknowledgedIsLostWhenTheServerIsKilled() async throws {
        let server = try await TestNATS.start(), jetStream = try await jetStream(server)
        let consumer = try await consumer(jetStream, ackWait: .seconds(1))
        let count = 300
        let publishing = Task {
            for number in 0..<count {
                let body = Array("\(number)".utf8)
                try await jetStream.publish(body, to: "s.1", messageID: "m\(number)", timeout: .seconds(20))
            }
        }
        let killing = Task {
            for _ in 0..<3 {
                try await Task.sleep(for: .milliseconds(30))
                server.kill()
                try await server.start()
            }
        }
        try await within(.seconds(40)) {
            var expected = 0
            while expected < count {
                let message = try await consumer.next()
                let number = Int(String(decoding: message.message.payload, as: UTF8.self)) ?? -1
                #expect(number <= expected, "none is skipped")
                expected = max(expected, number + 1)
                try? message.ack()
            }
        }
        try await publishing.value
        try await killing.value
        await jetStream.client.close()
    }

    @Test func aClusterSurvivesTheLossOfOne() async throws {
        let cluster = try await TestNATSCluster.start()
        let client = try await client(of: cluster.servers)
        try await client.ready()
        let jetStream = JetStream(client, timeout: .seconds(20))
        let configuration = StreamConfiguration(name: "S", subjects: ["s.>"], retention: .workQueue, replicas: 3)
        try await within(.seconds(30)) {
            while true {
                do {
                    _ = try await JetStream(client, timeout: .seconds(2)).create(configuration)
                    break
                } catch let error as JetStreamError where error.isTemporary || error.kind == .noSuitablePeers {
                    try await Task.sleep(for: .milliseconds(100))
                } catch NATSError.timeout {}
            }
            try await jetStream.create(ConsumerConfiguration(durable: "C", ackWait: .seconds(1), maxAckPending: 1), on: "S")
        }
        let consumer = try PullConsumer(jetStream, stream: "S", name: "C")
        for number in 0..<20 as Range<UInt8> { try await jetStream.publish([number], to: "s.1", messageID: "a\(number)") }
        let current = try #require(cluster.servers.first { $0.port == client.serverPort })
        current.kill()
        try await within(.seconds(60)) {
            for number in 20..<40 as Range<UInt8> {
                while true {
                    do {
                        try await jetStream.publish([number], to: "s.1", messageID: "a\(number)", timeout: .seconds(5))
                        break
                    } catch NATSError.noResponders {} catch NATSError.timeout {}
                }
            }
            var expected: UInt8 = 0
            while expected < 40 {
                do {
                    let message = try await consumer.next(PullConsumer.Pull(expires: .seconds(2), heartbeat: .milliseconds(500)))
                    let number = message.message.payload[0]
                    #expect(number <= expected)
                    expected = max(expected, number + 1)
                    try await message.doubleAck(timeout: .seconds(1))
                } catch is NATSError {}
            }
        }
        await client.close()
    }
}
