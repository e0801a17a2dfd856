import Foundation
import Logging
import TestSupport
import Testing

@testable import NATS

/// A client of a server that runs only for the test.
func client(of servers: [TestNATS], _ change: (inout NATSOptions) -> Void = { _ in }) async throws -> NATSClient {
    var options = try NATSOptions(addresses: servers.map(\.url), name: "test")
    options.backoff = Backoff(first: .milliseconds(20), longest: .milliseconds(200))
    change(&options)
    var logger = Logger(label: "nats")
    logger.logLevel = ProcessInfo.processInfo.environment["TEST_LOG"] == nil ? .critical : .trace
    logger[metadataKey: "test"] = "\(Test.current?.name ?? "")"
    return try NATSClient(options, logger: logger)
}

/// Fails the test instead of waiting for ever.
func within<T: Sendable>(_ limit: Duration = .seconds(20), _ body: @escaping @Sendable () async throws -> T) async throws -> T {
    try await withThrowingTaskGroup(of: T.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw NATSError.timeout
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw NATSError.timeout }
        return result
    }
}

/// Waits until something is so, and fails the test when that takes too long.
func eventually(_ limit: Duration = .seconds(20), _ isSo: @escaping @Sendable () async throws -> Bool) async throws {
    try await within(limit) {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(5)) }
    }
}

extension Subscription {
    /// The next message, whatever reconnections come before it.
    func message() async throws -> NATSMessage {
        try await within {
            for try await message in self { return message }
            throw NATSError.closed
        }
    }
}

@Suite struct ClientTests {
    @Test func messagesGoRound() async throws {
        let server = try await TestNATS.start(), client = try await client(of: [server])
        try await client.ready()
        let all = try client.subscribe("a.*")
        try client.publish([1, 2, 3], to: "a.b", headers: ["Some": "header"])
        let message = try await all.message()
        #expect(message == NATSMessage(subject: "a.b", headers: ["Some": "header"], payload: [1, 2, 3]))
        await client.close()
    }

    @Test func aRequestIsAnsweredOrNobodyIsThere() async throws {
        let server = try await TestNATS.start()
        let client = try await client(of: [server]), other = try await self.other(server)
        try await client.ready()
        await #expect(throws: NATSError.noResponders) { try await client.request([], to: "nobody") }
        let asked = try other.subscribe("ask")
        try await other.flush()
        async let answering: Void = {
            for _ in 0..<20 {
                let message = try await asked.message()
                try other.publish(message.payload.reversed(), to: message.reply ?? "")
            }
        }()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 as Range<UInt8> {
                group.addTask {
                    let answer = try await client.request([number, 1], to: "ask")
                    #expect(answer.payload == [1, number])
                }
            }
            try await group.waitForAll()
        }
        try await answering
        await #expect(throws: NATSError.timeout) { try await client.request([], to: "ask", timeout: .milliseconds(50)) }
        await client.close()
        await other.close()
    }

    private func other(_ server: TestNATS) async throws -> NATSClient {
        let client = try await client(of: [server])
        try await client.ready()
        return client
    }

    @Test func aCancelledRequestEnds() async throws {
        let server = try await TestNATS.start(), client = try await client(of: [server])
        try await client.ready()
        let silent = try client.subscribe("silent")
        let task = Task { try await client.request([], to: "silent", timeout: .seconds(60)) }
        _ = try await silent.message()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await client.close()
    }

    @Test func subscriptionsOutliveTheServer() async throws {
        let server = try await TestNATS.start(), client = try await client(of: [server])
        try await client.ready()
        let subscription = try client.subscribe("a")
        try await client.flush()
        server.kill()
        try await eventually { !client.isConnected }
        try client.publish([7], to: "a")
        try await server.start()
        #expect(try await subscription.message().payload == [7])
        await client.close()
    }

    @Test func aRequestThatIsCutOffSaysSo() async throws {
        let server = try await TestNATS.start(), client = try await client(of: [server])
        try await client.ready()
        let silent = try client.subscribe("silent")
        let task = Task { try await client.request([], to: "silent", timeout: .seconds(60)) }
        _ = try await silent.message()
        server.kill()
        await #expect(throws: NATSError.disconnected) { try await task.value }
        await client.close()
    }

    @Test func aServerThatHangsIsNoticed() async throws {
        let server = try await TestNATS.start()
        let client = try await client(of: [server]) { $0.pingInterval = .milliseconds(50) }
        try await client.ready()
        let statuses = client.statuses()
        server.suspend()
        let first = try await within { await statuses.first { if case .disconnected = $0 { true } else { false } } }
        #expect(first != nil)
        server.resume()
        try await within { try await client.ready() }
        await client.close()
    }

    @Test func aSlowReaderLosesTheNewestAndIsCounted() async throws {
        let server = try await TestNATS.start(), client = try await client(of: [server])
        try await client.ready()
        let statuses = client.statuses()
        let slow = try client.subscribe("a", bounds: Subscription.Bounds(messages: 3, bytes: 100))
        for number in 0..<10 as Range<UInt8> { try client.publish([number], to: "a") }
        try await client.flush()
        #expect(slow.dropped == 7)
        #expect(try await slow.message().payload == [0])
        // That it is connected may be told late.
        #expect(await statuses.first { $0 != .connected(again: false) } == .slowConsumer(subject: "a"))
        await client.close()
    }

    @Test func aQueueGroupSharesMessages() async throws {
        let server = try await TestNATS.start(), client = try await client(of: [server])
        try await client.ready()
        let one = try client.subscribe("a", queue: "q"), two = try client.subscribe("a", queue: "q")
        for _ in 0..<100 { try client.publish([1], to: "a") }
        try await client.flush()
        #expect(one.takeAll().count + two.takeAll().count == 100)
        await client.close()
    }

    @Test func tooLargeIsRefusedBeforeItIsSent() async throws {
        let server = try await TestNATS.start(TestNATS.Options(configuration: "max_payload: 1000"))
        let client = try await client(of: [server])
        try await client.ready()
        #expect(throws: NATSError.payloadTooLarge(bytes: 1_001, limit: 1_000)) {
            try client.publish(Array(repeating: 0, count: 1_001), to: "a")
        }
        try client.publish(Array(repeating: 0, count: 1_000), to: "a")
        try await client.flush()
        await client.close()
    }

    @Test func drainingDeliversWhatWasPublished() async throws {
        let server = try await TestNATS.start()
        let client = try await client(of: [server]), other = try await other(server)
        let subscription = try other.subscribe("a")
        try await other.flush()
        try await client.ready()
        for _ in 0..<1_000 { try client.publish(Array(repeating: 0, count: 1_000), to: "a") }
        await client.drain()
        try await other.flush()
        #expect(subscription.takeAll().count == 1_000)
        #expect(throws: NATSError.closed) { try client.publish([], to: "a") }
        await other.close()
    }

    @Test func aClusterIsLearntAndSurvivesALoss() async throws {
        let cluster = try await TestNATSCluster.start()
        let client = try await client(of: [cluster.servers[0]])
        try await client.ready()
        try await eventually { client.knownServers.count >= 3 }
        let statuses = client.statuses()
        let subscription = try client.subscribe("a")
        try await client.flush()
        cluster.servers[0].kill()
        _ = try await within { await statuses.first { $0 == .connected(again: true) } }
        try client.publish([1], to: "a")
        #expect(try await subscription.message().payload == [1])
        await client.close()
    }

    @Test func aServerInLameDuckModeIsLeft() async throws {
        let cluster = try await TestNATSCluster.start(2)
        let client = try await client(of: cluster.servers)
        try await client.ready()
        let statuses = client.statuses(), name = client.serverInfo.serverID
        let current = try #require(cluster.servers.first { $0.url.hasSuffix(":\(client.serverPort ?? 0)") })
        current.enterLameDuckMode()
        #expect(try await within { await statuses.first { $0 == .lameDuck } } != nil)
        try await eventually { client.serverInfo.serverID != name && client.isConnected }
        await client.close()
    }
}

extension NATSClient {
    /// Where we are connected to.
    var serverPort: Int? {
        state.withLock { if case .connected(let server) = $0.machine.phase { server.port } else { nil } }
    }
}
