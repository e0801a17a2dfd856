import NIOCore
import NIOPosix
import Synchronization
import Testing
@testable import Web

/// Many connections, large and slow: each is bounded, and the others are served.
@Suite struct CrowdTests {
    private let client = HTTPClient()
    private let hello = Endpoint.get("/hello", .open) { _ -> [String] in ["hello"] }

    /// Handlers that park until they are let go.
    private struct Parking: Sendable {
        let arrivals: AsyncStream<Void>
        private let arrived: AsyncStream<Void>.Continuation
        private let released: AsyncStream<Void>
        private let release: AsyncStream<Void>.Continuation

        init() {
            (arrivals, arrived) = AsyncStream.makeStream()
            (released, release) = AsyncStream.makeStream()
        }

        func endpoint(_ path: String, _ access: Access) -> Endpoint {
            .get(path, access) { [arrived, released] _ -> [String] in
                arrived.yield()
                for await _ in released { break }
                return ["parked"]
            }
        }

        func await(_ count: Int) async {
            var left = arrivals.makeAsyncIterator()
            for _ in 0..<count { await left.next() }
        }

        func letGo() { release.finish() }
    }

    @Test func thoseWhoDoNothingGiveWayToWhoeverAsks() async throws {
        var options = ServerOptions()
        options.maxConnections = 8
        try await withServer([hello], options: options) { port, _ async throws in
            try await withConnections(40, port: port, sending: "GET /hel") { () async throws in
                #expect(try await client.request(.get, "http://127.0.0.1:\(port)/hello").status == 200)
            }
        }
    }

    @Test func whereAllAreAtWorkTheNextIsToldSo() async throws {
        var options = ServerOptions()
        options.maxConnections = 2
        let parking = Parking(), client = client
        try await withServer([hello, parking.endpoint("/park", .open)], options: options) { port, _ async throws in
            async let first = client.request(.get, "http://127.0.0.1:\(port)/park")
            async let second = client.request(.get, "http://127.0.0.1:\(port)/park")
            await parking.await(2)
            let answer = try await rawExchange(port: port, ["GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"])
            #expect(answer.hasPrefix("HTTP/1.1 503") && answer.contains("too many connections"))
            parking.letGo()
            #expect(try await [first, second].map(\.status) == [200, 200])
            #expect(try await client.request(.get, "http://127.0.0.1:\(port)/hello").status == 200)
        }
    }

    @Test func aHeadThatTricklesIsNotWaitedForLong() async throws {
        var options = ServerOptions()
        options.idleTimeout = .milliseconds(300)
        try await withServer([hello], options: options) { port, _ async throws in
            let answer = try await rawExchange(
                port: port, ["GET /hello HTTP/1.1\r\nX: "] + Array(repeating: "x", count: 10_000), pause: .milliseconds(20))
            #expect(answer == "")
        }
    }

    @Test func answersThatNobodyTakesGiveWayToThoseThatSomebodyDoes() async throws {
        var options = ServerOptions()
        options.maxHeldBytes = 25 << 20
        let large = Endpoint.get("/large", .open) { _ -> Response in .json(bytes: Array(repeating: 1, count: 10 << 20)) }
        try await withServer([large], options: options) { port, _ async throws in
            try await withConnections(8, port: port, sending: "GET /large HTTP/1.1\r\nHost: x\r\n\r\n") { () async throws in
                for _ in 0..<4 {
                    let reply = try await patientlyAsked("http://127.0.0.1:\(port)/large")
                    #expect(reply.body.count == 10 << 20)
                }
            }
        }
    }

    @Test func aBodyIsNotWrittenForSomebodyWhoTakesNothing() async throws {
        let written = Atomic(0)
        let stream = Endpoint.get("/stream", .open) { _ -> Response in
            Response(body: .stream(length: 256 << 16) { writer in
                for _ in 0..<256 {
                    try await writer.write(Array(repeating: 1, count: 1 << 16))
                    written.add(1 << 16, ordering: .relaxed)
                }
            })
        }
        try await withServer([stream]) { port, _ async throws in
            try await withConnections(30, port: port, sending: "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n") { () async throws in
                var last = -1
                while last <= 0 || written.load(ordering: .relaxed) != last {
                    last = written.load(ordering: .relaxed)
                    try await Task.sleep(for: .milliseconds(500))
                }
                // What the system keeps for a connection is no more than 8 MiB, of 16.
                #expect(last < 30 * 8 << 20, "\(last >> 20) MiB")
            }
        }
    }

    /// Asks again for as long as others are still being written to, and nobody keeps us waiting yet.
    private func patientlyAsked(_ url: String) async throws -> HTTPClient.Reply {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let reply = try await client.request(.get, url, maxResponseBytes: 16 << 20)
            if reply.status != 503 || ContinuousClock.now > deadline { return reply }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func bodiesThatDoNotComeGiveWayToThoseThatDo() async throws {
        var options = ServerOptions()
        options.maxHeldBytes = 2 << 20
        let echo = Endpoint.post("/echo", .open) { request -> [Int] in [request.body.count] }
        try await withServer([echo], options: options) { port, _ async throws in
            let begun = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + String(repeating: "x", count: 900_000)
            try await withConnections(6, port: port, sending: begun) { () async throws in
                for _ in 0..<4 {
                    let reply = try await client.request(
                        .post, "http://127.0.0.1:\(port)/echo", body: Array(repeating: 1, count: 1_000_000))
                    #expect(String(decoding: reply.body, as: UTF8.self) == "[1000000]")
                }
            }
        }
    }

    @Test func aUserWithManyOpenRequestsGetsNoMoreAndOthersDo() async throws {
        var options = ServerOptions()
        options.maxOpenRequestsPerUser = 3
        let parking = Parking(), client = client
        let whoami = Endpoint.get("/whoami", .user) { try [$0.requireCaller().userID] }
        try await withServer([whoami, parking.endpoint("/park", .user)], options: options) { port, _ async throws in
            @Sendable func ask(_ path: String, _ token: String) async throws -> HTTPClient.Reply {
                try await client.request(.get, "http://127.0.0.1:\(port)\(path)", headers: ["Authorization": "Bearer \(token)"])
            }
            try await withThrowingTaskGroup(of: Int.self) { group async throws in
                for _ in 0..<3 { group.addTask { try await ask("/park", "alice").status } }
                await parking.await(3)
                let refused = try await ask("/whoami", "alice")
                #expect(refused.status == 429 && refused.headers["Retry-After"] != nil)
                #expect(String(decoding: refused.body, as: UTF8.self).contains("M_LIMIT_EXCEEDED"))
                #expect(try await ask("/whoami", "admin").status == 200)
                parking.letGo()
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await ask("/whoami", "alice").status == 200)
        }
    }
}

/// Holds connections open which send something and read nothing, for as long as the closure takes.
private func withConnections(_ count: Int, port: Int, sending text: String, _ body: () async throws -> Void) async throws {
    var channels: [any Channel] = []
    for _ in 0..<count {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false).connect(host: "127.0.0.1", port: port).get()
        try? await channel.writeAndFlush(ByteBuffer(string: text)).get()
        channels.append(channel)
    }
    defer { for channel in channels { channel.close(promise: nil) } }
    try await body()
}
