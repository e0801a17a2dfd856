import Foundation
import Matrix
import Testing
import Web

@testable import InternalAPI

@Suite(.timeLimit(.minutes(2))) struct HTTPLinkTests {
    private func client(_ connect: [URL], token: String? = nil) -> EchoClient {
        EchoClient(link: HTTPLink(connect: connect, token: token, client: HTTPLink.makeClient(), logger: quiet))
    }

    /// An address at which nobody listens.
    private func nobody() async throws -> URL { try await withListener(EchoComponent()) { $0 } }

    @Test func onlyTheClusterIsLetIn() async throws {
        let component = EchoComponent()
        try await withListener(component, token: "secret") { url async throws in
            let allowed = try await client([url], token: "secret").call(Echo(text: "x"))
            #expect(allowed.text == "x")
            for token in ["wrong", "secre", "secret2", nil] {
                let error = await #expect(throws: MatrixError.self) {
                    _ = try await client([url], token: token).call(Echo(text: "x"))
                }
                #expect(error == .hidden)
            }
            let reply = try await HTTPClient().request(.post, "\(url)/api/echo/echo", body: Array(#"{"text":"x"}"#.utf8))
            #expect(reply.status == 401)
        }
        #expect(component.calls == 1)
    }

    @Test func noPageInABrowserIsLetIn() async throws {
        try await withListener(EchoComponent()) { url in
            let reply = try await HTTPClient().request(
                .post, "\(url)/api/echo/echo", headers: ["Origin": "https://evil.example"], body: Array(#"{"text":"x"}"#.utf8))
            #expect(reply.status == 401)
        }
    }

    @Test func whatCannotBeReachedIsTriedOnTheNext() async throws {
        let component = EchoComponent()
        let dead = try await nobody()
        try await withListener(component) { url async throws in
            let client = client([dead, url])
            for _ in 0..<10 {
                _ = try await client.call(Echo(text: "x"))
                _ = try await client.call(Note(text: "x"))
            }
        }
        #expect(component.calls == 20)
    }

    @Test func whatHangsIsTriedLast() async throws {
        // Connections to it come about, and nothing more.
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let listens = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(listens)
        let hung = try #require(URL(string: "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"))
        try await withListener(EchoComponent()) { url async throws in
            let client = client([hung, url])
            var late = 0
            for _ in 0..<4 {
                do { _ = try await client.call(Hurried()) } catch let error as MatrixError where error == .tookTooLong {
                    late += 1
                }
            }
            #expect(late == 1)
        }
        // What may be sent twice does not wait for it as long as its caller would.
        try await withListener(EchoComponent()) { url async throws in
            let client = client([hung, url])
            for _ in 0..<4 { _ = try await client.call(Echo(text: "x")) }
        }
    }

    @Test func aCallThatAnOlderReplicaDoesNotKnowIsPutToTheNext() async throws {
        let newer = EchoComponent()
        try await withListener(EchoComponent(), routes: []) { older async throws in
            try await withListener(newer) { url async throws in
                let client = client([older, url])
                for _ in 0..<4 { _ = try await client.call(Note(text: "x")) }
            }
            await #expect(throws: MatrixError.unreachable) { _ = try await client([older]).call(Note(text: "x")) }
        }
        #expect(newer.calls == 4)
    }

    @Test func manyCallsShareTheConnectionsThereAre() async throws {
        let component = EchoComponent()
        component.answers { try await Task.sleep(for: .milliseconds(1)) }
        var options = PeerClient.Options()
        options.connectionsPerPeer = 3
        let client = PeerClient(options)
        try await withListener(component) { url async throws in
            let echo = EchoClient(link: HTTPLink(connect: [url], token: nil, client: client, logger: quiet))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let text = String(repeating: "\(number)", count: number % 7 == 0 ? 200_000 : 1)
                        let reply = try await echo.call(Echo(text: text))
                        #expect(reply.text == text)
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(component.calls == 60)
    }

    @Test func whatIsNotReadyIsPassedBy() async throws {
        let starting = EchoComponent()
        let serving = EchoComponent()
        try await withListener(starting, readiness: Readiness()) { first async throws in
            try await withListener(serving) { second async throws in
                let client = client([first, second])
                for _ in 0..<4 { _ = try await client.call(Note(text: "x")) }
            }
        }
        #expect(starting.calls == 0 && serving.calls == 4)
    }

    @Test func whatANewerReleaseAddsToACallIsPassedOver() async throws {
        try await withListener(EchoComponent()) { url async throws in
            let body = Array(#"{"text":"x","added":{"later":[1]}}"#.utf8)
            let reply = try await HTTPClient().request(.post, "\(url)/api/echo/echo", body: body)
            #expect(reply.status == 200 && String(decoding: reply.body, as: UTF8.self) == #"{"text":"x"}"#)
        }
        #expect(try JSONCoder.decode(Echo.Reply.self, from: Array(#"{"text":"x","added":1}"#.utf8)) == Echo.Reply(text: "x"))
    }

    @Test func aReplicaWhoseNameIsUnknownIsPassedBy() async throws {
        let gone = try #require(URL(string: "http://nobody.invalid:1"))
        try await withListener(EchoComponent()) { url async throws in
            let client = client([gone, url])
            for _ in 0..<4 { _ = try await client.call(Note(text: "x")) }
        }
    }

    @Test func whenNobodyIsThereTheServerIsUnavailable() async throws {
        let dead = try await nobody()
        await #expect(throws: MatrixError.unreachable) { _ = try await client([dead]).call(Echo(text: "x")) }
        await #expect(throws: MatrixError.unreachable) { _ = try await client([]).call(Echo(text: "x")) }
    }

    @Test func callsGoRoundTheReplicas() async throws {
        let first = EchoComponent()
        let second = EchoComponent()
        try await withListener(first) { one async throws in
            try await withListener(second) { two async throws in
                let client = client([one, two])
                for _ in 0..<6 { _ = try await client.call(Echo(text: "x")) }
            }
        }
        #expect(first.calls == 3 && second.calls == 3)
    }

    @Test func aRoomStaysWithItsReplicaWhileItLives() throws {
        let replicas = Replicas(["http://a:1", "http://b:1", "http://c:1"])
        let picks = (0..<300).map { replicas.order(for: "!\($0):x").first }
        #expect(picks == (0..<300).map { replicas.order(for: "!\($0):x").first })
        for index in 0..<3 { #expect(picks.count { $0 == index } > 60) }
        let now = ContinuousClock.now
        replicas.couldNotBeReached(1, now: now)
        for (room, pick) in picks.enumerated() {
            let other = replicas.order(for: "!\(room):x", now: now)
            #expect(pick == 1 ? other.first != 1 && other.last == 1 : other.first == pick)
        }
        // When it may be back, one call finds out, and the others wait for its answer where they are.
        let later = (0..<300).map { replicas.order(for: "!\($0):x", now: now + .seconds(1)).first }
        #expect(later.count { $0 == 1 } == 1)
        #expect(zip(later, picks).allSatisfy { $0 == $1 || $1 == 1 })
        replicas.couldNotBeReached(1, now: now)
        #expect((0..<300).map { replicas.order(for: "!\($0):x", now: now + .milliseconds(900)).first } != picks)
        replicas.answered(1)
        #expect((0..<300).map { replicas.order(for: "!\($0):x", now: now).first } == picks)
    }

    @Test func whatBreaksOffIsSentAgainOnlyWhenItMayBe() async throws {
        let component = EchoComponent()
        let (begun, hasBegun) = AsyncStream<Void>.makeStream()
        let error = try await withListener(component) { other async throws in
            try await breakingOff(begun: begun) { url, breaking in
                breaking.answers {
                    hasBegun.yield()
                    try await Task.sleep(for: .seconds(600))
                }
                let client = client([url, other])
                // Whichever comes first, the one that breaks off must not be followed by the other.
                return await #expect(throws: MatrixError.self) {
                    for _ in 0..<2 { _ = try await client.call(Note(text: "x")) }
                }
            }
        }
        #expect(error?.status == 502 || error?.status == 503)
        #expect(component.calls <= 1)
    }

    @Test func whatOnlyAsksIsAskedAgainOfAnother() async throws {
        let (begun, hasBegun) = AsyncStream<Void>.makeStream()
        try await withListener(EchoComponent()) { other async throws in
            try await breakingOff(begun: begun) { url, breaking in
                breaking.answers {
                    hasBegun.yield()
                    try await Task.sleep(for: .seconds(600))
                }
                let client = client([url, other])
                for _ in 0..<2 { _ = try await client.call(Echo(text: "x")) }
            }
        }
    }

    /// A listener that is stopped in the middle of the first call.
    private func breakingOff<T: Sendable>(
        begun: AsyncStream<Void>, _ body: @escaping @Sendable (URL, EchoComponent) async throws -> T
    ) async throws -> T {
        let breaking = EchoComponent()
        let (done, isDone) = AsyncStream<T>.makeStream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let (urls, hasURL) = AsyncStream<URL>.makeStream()
            group.addTask {
                try await withListener(breaking) { url async throws in
                    hasURL.yield(url)
                    for await _ in begun { break }
                }
            }
            let url = try #require(await urls.first { _ in true })
            group.addTask { isDone.yield(try await body(url, breaking)) }
            let result = try #require(await done.first { _ in true })
            try await group.waitForAll()
            return result
        }
    }

    @Test func aCallThatIsNotUnderstoodSaysNothingInternal() async throws {
        try await withListener(EchoComponent()) { url async throws in
            let reply = try await HTTPClient().request(.post, "\(url)/api/echo/echo", body: Array(#"{"txt":"x"}"#.utf8))
            #expect(reply.status == 500)
            #expect(!String(decoding: reply.body, as: UTF8.self).contains("text"))
        }
    }
}
