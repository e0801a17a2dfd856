import Logging
import Matrix
import Synchronization
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(2))) struct HTTPServerTests {
    private let endpoints: [Endpoint] = [
        .get("/hello/{name}", .open) { request in ["hello": try request.parameters["name"]] },
        .put("/echo", .user, limit: .collected(1000)) { request -> Response in .json(bytes: request.body) },
        .post("/upload", .open, limit: .stream(100_000)) { request -> [Int] in
            var sum = 0
            for try await piece in request.bodyStream { sum += piece.count }
            return [sum]
        },
        .get("/download", .open) { _ -> Response in
            Response(
                body: .stream(length: 300_000) { writer in
                    for _ in 0..<30 { try await writer.write(Array(repeating: 7, count: 10_000)) }
                })
        },
        .get("/id", .open) { _ in [RequestID.current ?? ""] },
    ]
    private let client = HTTPClient()

    @Test func aRequestIsAnsweredAndBrowsersMayReadIt() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let reply = try await client.request(.get, "http://127.0.0.1:\(port)/hello/J%C3%BCrgen%2F")
            #expect(reply.status == 200)
            #expect(String(decoding: reply.body, as: UTF8.self) == #"{"hello":"Jürgen/"}"#)
            #expect(reply.headers["Content-Type"] == "application/json")
            #expect(reply.headers["Access-Control-Allow-Origin"] == "*")
            #expect(reply.headers["Access-Control-Allow-Headers"] == "X-Requested-With, Content-Type, Authorization")
            #expect(reply.headers["Date"]?.hasSuffix("GMT") == true)
            let options = try await client.request(.options, "http://127.0.0.1:\(port)/whatever")
            #expect(options.status == 200 && options.headers["Access-Control-Allow-Methods"]?.contains("PUT") == true)
            let unknown = try await client.request(.get, "http://127.0.0.1:\(port)/whatever")
            #expect(unknown.status == 404 && unknown.headers["Access-Control-Allow-Origin"] == "*")
        }
    }

    @Test func headHasTheLengthAndNoBody() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let answer = try await rawExchange(port: port, ["HEAD /hello/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"])
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n"))
            #expect(answer.lowercased().contains("content-length: 13\r\n"))
        }
    }

    @Test func bodiesGoBothWaysInPieces() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let base = "http://127.0.0.1:\(port)"
            let up = try await client.request(.post, base + "/upload", body: Array(repeating: 1, count: 100_000))
            #expect(String(decoding: up.body, as: UTF8.self) == "[100000]")
            let down = try await client.request(.get, base + "/download")
            #expect(down.body == Array(repeating: 7, count: 300_000))
            #expect(down.headers["Content-Length"] == "300000")
            await #expect(throws: HTTPClient.Failure.self) {
                _ = try await client.request(.get, base + "/download", maxResponseBytes: 299_999)
            }
        }
    }

    @Test func whoeverTakesNothingIsNotServedForLong() async throws {
        var options = ServerOptions()
        options.stallTimeout = .milliseconds(200)
        let (ends, hasEnded) = AsyncStream<Void>.makeStream()
        let endpoint = Endpoint.get("/endless", .open) { _ -> Response in
            Response(
                body: .stream(length: nil) { writer in
                    defer { hasEnded.yield() }
                    while true { try await writer.write(Array(repeating: 7, count: 100_000)) }
                })
        }
        try await withServer([endpoint], options: options) { port, _ async throws in
            try await whileConnected(port: port, sending: "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n") {
                for await _ in ends { break }
            }
        }
    }

    @Test func aLargeAnswerComesWhole() async throws {
        let large = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0) }
        try await withServer([.get("/large", .open) { _ -> Response in .json(bytes: large) }]) { port, _ async throws in
            let reply = try await client.request(.get, "http://127.0.0.1:\(port)/large")
            #expect(reply.body == large && reply.headers["Content-Length"] == "1000003")
        }
    }

    @Test func whoAsksWhetherToSendIsToldSo() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let head =
                "POST /upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
            let answer = try await rawExchange(port: port, [head, "hi"])
            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"))
        }
    }

    @Test func aSourceThatFailsBreaksTheAnswerOff() async throws {
        struct Gone: Error {}
        let endpoint = Endpoint.get("/broken", .open) { _ -> Response in
            Response(
                body: .stream(length: 100) { writer in
                    try await writer.write([1, 2, 3])
                    throw Gone()
                })
        }
        try await withServer([endpoint]) { port, _ async throws in
            await #expect(throws: HTTPClient.Failure.self) {
                _ = try await client.request(.get, "http://127.0.0.1:\(port)/broken")
            }
        }
    }

    @Test func moreThanTheLimitIsRefusedAnnouncedOrNot() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let announced = try await rawExchange(
                port: port,
                [
                    "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n",
                    String(repeating: "x", count: 2_000_000),
                ])
            #expect(announced.hasPrefix("HTTP/1.1 413") && announced.contains("M_TOO_LARGE"))
            let chunk = "10000\r\n" + String(repeating: "x", count: 65536) + "\r\n"
            let chunked = try await rawExchange(
                port: port,
                [
                    "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n", chunk, chunk,
                    "0\r\n\r\n",
                ])
            #expect(chunked.hasPrefix("HTTP/1.1 413") && chunked.contains("M_TOO_LARGE"))
        }
    }

    @Test func whoIsRefusedWhileStillSendingReadsTheAnswerAndMayAskAgain() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let answer = try await rawExchange(
                port: port,
                [
                    "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n",
                    String(repeating: "x", count: 40_000_000),
                    "GET /hello/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                ])
            #expect(answer.hasPrefix("HTTP/1.1 413") && answer.contains("M_TOO_LARGE") && answer.contains(#"{"hello":"x"}"#))
        }
    }

    @Test(arguments: ["Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n", "Transfer-Encoding: gzip\r\n\r\n{}"])
    func aBodyThatIsNotWhatItsHeadersSayIsRefused(rest: String) async throws {
        try await withServer(endpoints) { port, _ async throws in
            let answer = try await rawExchange(port: port, ["POST /upload HTTP/1.1\r\nHost: x\r\n" + rest])
            #expect(answer.hasPrefix("HTTP/1.1 400") && answer.contains("M_UNKNOWN"))
        }
    }

    @Test func aBodyThatNobodyReadLeavesTheConnectionUsable() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let put = "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
            let get = "GET /hello/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answer = try await rawExchange(port: port, [put + get])
            #expect(answer.contains("M_MISSING_TOKEN") && answer.contains(#"{"hello":"x"}"#))
        }
    }

    @Test func aBodyThatStopsComingIsNotWaitedForLong() async throws {
        var options = ServerOptions()
        options.idleTimeout = .milliseconds(300)
        try await withServer(endpoints, options: options) { port, _ async throws in
            let answer = try await rawExchange(port: port, ["POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"])
            #expect(!answer.hasPrefix("HTTP/1.1 200"))
            #expect(try await rawExchange(port: port, []) == "")
            #expect(try await rawExchange(port: port, ["GET / HTT"]).hasPrefix("HTTP/1.1 200") == false)
        }
    }

    @Test func aBodyThatTricklesIsTooSlow() async throws {
        var options = ServerOptions()
        options.bodyTimeout = .zero
        try await withServer(endpoints, options: options) { port, _ async throws in
            let answer = try await rawExchange(
                port: port, ["POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"])
            #expect(answer.hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test func headersBeyondTheLimitAreRefused() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let answer = try await rawExchange(
                port: port, ["GET /hello/x HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "x", count: 100_000) + "\r\n\r\n"])
            #expect(!answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func whatIsNoHTTPIsRefused() async throws {
        try await withServer(endpoints) { port, _ async throws in
            #expect(try await rawExchange(port: port, ["\u{0}\u{1} nonsense\r\n\r\n"]).hasPrefix("HTTP/1.1 200") == false)
            #expect(try await client.request(.get, "http://127.0.0.1:\(port)/hello/x").status == 200)
        }
    }

    @Test func theRequestIDIsTakenOrMadeAndReachesTheHandler() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let given = try await client.request(.get, "http://127.0.0.1:\(port)/id", headers: ["X-Request-Id": "abc"])
            #expect(given.headers["X-Request-Id"] == "abc" && String(decoding: given.body, as: UTF8.self) == #"["abc"]"#)
            let made = try await client.request(.get, "http://127.0.0.1:\(port)/id", headers: ["X-Request-Id": "a b"])
            #expect(made.headers["X-Request-Id"]?.count == 13)
        }
    }

    @Test func aParkedRequestIsWokenWhenTheServerStopsAndOthersFinish() async throws {
        let (parked, isParked) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let (waits, end) = AsyncStream<Void>.makeStream()
        let endpoints: [Endpoint] = [
            .get("/park", .open) { _ -> [String] in
                isParked.yield()
                for await _ in waits {}
                return ["woken"]
            }.parks { end.finish() },
            .get("/work", .open) { _ -> [String] in
                isParked.yield()
                for await _ in released { break }
                return [Task.isCancelled ? "cancelled" : "finished"]
            },
        ]
        let client = client
        try await withServer(endpoints) { port, stop async throws in
            async let first = client.request(.get, "http://127.0.0.1:\(port)/park")
            async let second = client.request(.get, "http://127.0.0.1:\(port)/work")
            var waiting = parked.makeAsyncIterator()
            await waiting.next()
            await waiting.next()
            await stop()
            #expect(String(decoding: try await first.body, as: UTF8.self) == #"["woken"]"#)
            release.yield()
            #expect(String(decoding: try await second.body, as: UTF8.self) == #"["finished"]"#)
        }
    }

    @Test func whatDoesNotFinishIsCancelledInTheEnd() async throws {
        var options = ServerOptions()
        options.drainTimeout = .milliseconds(100)
        let wasCancelled = Mutex(false)
        let (parked, isParked) = AsyncStream<Void>.makeStream()
        let endpoint = Endpoint.get("/forever", .open) { _ -> [String] in
            isParked.yield()
            do { try await Task.sleep(for: .seconds(600)) } catch { wasCancelled.withLock { $0 = true } }
            return []
        }
        let client = client
        try await withServer([endpoint], options: options) { port, stop async throws in
            async let answer = client.request(.get, "http://127.0.0.1:\(port)/forever")
            for await _ in parked { break }
            await stop()
            _ = try? await answer
        }
        #expect(wasCancelled.withLock { $0 })
    }

    @Test func aListenerMaySpeakTLS() async throws {
        try await TestCertificate.withFiles { certificate, key in
            try await withServer(endpoints, tls: TLSFiles(certificate: certificate, key: key)) { port, _ async throws in
                await #expect(throws: HTTPClient.Failure.self) {
                    _ = try await client.request(.get, "https://localhost:\(port)/hello/x")
                }
                var trusting = HTTPClient.Options()
                trusting.verifiesCertificates = false
                #expect(try await HTTPClient(trusting).request(.get, "https://localhost:\(port)/hello/x").status == 200)
            }
        }
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await withServer(endpoints) { port, _ async throws in
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let second = HTTPServer(
                listen: ListenAddress(host: "127.0.0.1", port: port), responder: Responder(router: Router(), logger: logger),
                logger: logger)
            let failure = await #expect(throws: ListenFailure.self) { try await second.run() }
            #expect(failure.map { "\($0)".contains("127.0.0.1:\(port)") } == true)
        }
    }

    @Test func everyAddressIncludesLoopback() async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = HTTPServer(
            listen: try ListenAddress(":0"), responder: Responder(router: Router(endpoints), logger: logger), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.boundAddress.port
            #expect(try await client.request(.get, "http://127.0.0.1:\(port)/hello/x").status == 200)
            group.cancelAll()
        }
    }

    @Test func whoWatchesIsAnswered() async throws {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "seen", dimensions: []).increment(by: 1)
        let monitor = MonitorEndpoints(
            metrics: registry, login: BasicLogin(username: "u", password: "p"), health: { ["NATS is away"] })
        try await withServer(monitor.endpoints) { port, _ async throws in
            let base = "http://127.0.0.1:\(port)"
            #expect(try await client.request(.get, base + "/_dendrite/monitor/up").status == 200)
            #expect(try await client.request(.get, base + "/_dendrite/monitor/health").status == 503)
            #expect(try await client.request(.get, base + "/metrics").status == 401)
            let metrics = try await client.request(.get, base + "/metrics", headers: ["Authorization": "Basic dTpw"])
            let text = String(decoding: metrics.body, as: UTF8.self)
            #expect(text.contains("seen_total 1\n") && text.contains("process_resident_memory_bytes"))
        }
    }

    @Test func aServerThatIsNotThereIsUnreachable() async throws {
        let port = try await withServer(endpoints) { port, _ in port }
        await #expect {
            _ = try await client.request(.get, "http://127.0.0.1:\(port)/")
        } throws: { error in
            if case HTTPClient.Failure.unreachable = error { true } else { false }
        }
    }

    @Test func anAnswerThatDoesNotComeInTimeIsGivenUp() async throws {
        let (waits, end) = AsyncStream<Void>.makeStream()
        let endpoint = Endpoint.get("/slow", .open) { _ -> [String] in
            for await _ in waits {}
            return []
        }.parks { end.finish() }
        try await withServer([endpoint]) { port, _ async throws in
            await #expect {
                _ = try await client.request(.get, "http://127.0.0.1:\(port)/slow", timeout: .milliseconds(100))
            } throws: { error in
                if case HTTPClient.Failure.deadlineExceeded = error { true } else { false }
            }
        }
    }
}
