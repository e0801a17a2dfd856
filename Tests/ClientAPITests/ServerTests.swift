import Matrix
import Testing

@testable import ClientAPI

@Suite struct ServerTests {
    @Test func versionsAndCapabilities() async throws {
        try await TestServer.run({ $0.defaultRoomVersion = .v10 }) { server in
            let versions = try await server.ask(.get, "/_matrix/client/versions")["versions"]?.array ?? []
            #expect(versions.contains("v1.19") && versions.contains("r0.6.1"))
            #expect(try await server.ask(.get, "capabilities").status == 401)
            let user = try await server.register("alice")
            let capabilities = try await server.ask(.get, "capabilities", token: user.token)["capabilities"]
            #expect(capabilities?["m.room_versions"]?["default"] == "10")
            #expect(capabilities?["m.room_versions"]?["available"]?["12"] == "stable")
            #expect(capabilities?["m.change_password"] == ["enabled": true])
        }
    }

    @Test func wellKnownIsServedWhereItIsConfigured() async throws {
        let path = "/.well-known/matrix/client"
        try await TestServer.run { server async throws in
            #expect(try await server.ask(.get, path).status == 404)
        }
        try await TestServer.run({ $0.wellKnownClientURL = "https://matrix.test" }) { server in
            #expect(try await server.ask(.get, path).body == ["m.homeserver": ["base_url": "https://matrix.test"]])
            let user = try await server.register("alice")
            #expect(user.userID == "@alice:test")
        }
    }

    @Test func whoAsksTooOftenIsToldToWait() async throws {
        try await TestServer.run({ $0.rateLimiting = .init(threshold: 3, cooloffMS: 60_000) }) { server in
            for _ in 0..<3 { #expect(try await server.ask(.get, "login", from: "10.0.0.1").status == 200) }
            let refused = try await server.ask(.get, "login", from: "10.0.0.1")
            #expect(refused.status == 429 && refused.errcode == "M_LIMIT_EXCEEDED")
            #expect((refused["retry_after_ms"]?.integer ?? 0) > 50_000)
            #expect(refused.headers["Retry-After"].flatMap { Int($0) }.map { $0 > 50 } == true)
            #expect(try await server.ask(.get, "login", from: "10.0.0.2").status == 200)
            // Each endpoint is counted by itself.
            #expect(try await server.ask(.get, "register/available?username=bob", from: "10.0.0.1").status == 200)
        }
    }

    @Test func aUserIsCountedOverAllTheirDevicesUnlessTheyAreExempt() async throws {
        let limits = ClientAPIConfig.RateLimiting(threshold: 2, cooloffMS: 60_000, exemptUserIDs: ["@bot:test"])
        try await TestServer.run({ $0.rateLimiting = limits }) { server in
            for (name, last) in [("alice", 429), ("bot", 200)] {
                let one = try await server.register(name), other = try await server.logIn(name)
                #expect(try await server.ask(.get, "account/whoami", token: one.token, from: "10.0.0.1").status == 200)
                #expect(try await server.ask(.get, "account/whoami", token: other.token, from: "10.0.0.2").status == 200)
                #expect(try await server.ask(.get, "account/whoami", token: other.token, from: "10.0.0.3").status == last)
            }
        }
    }

    @Test func theLimitIsLiftedWithTime() {
        nonisolated(unsafe) var now = ContinuousClock.now
        let limiter = RateLimiter(.init(threshold: 2, cooloffMS: 500), now: { now })
        #expect(limiter.delay(for: "a") == nil)
        now += .milliseconds(200)
        #expect(limiter.delay(for: "a") == nil)
        #expect(limiter.delay(for: "a") == 300)
        now += .milliseconds(300)
        #expect(limiter.delay(for: "a") == nil)
        #expect(limiter.delay(for: "a") == 200)
        #expect(RateLimiter(.init(isEnabled: false, threshold: 0)).delay(for: "a") == nil)
    }
}
