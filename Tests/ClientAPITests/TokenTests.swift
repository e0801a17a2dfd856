import Matrix
import Testing

@Suite struct TokenTests {
    private let password: JSONObject = [
        "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"], "password": "correct horse",
    ]

    @Test func whoAsksForARefreshTokenGetsOneAndUsesIt() async throws {
        try await TestServer.run { server async throws in
            let registered = try await server.ask(
                .post, "register",
                ["username": "alice", "password": "correct horse", "refresh_token": true, "auth": ["type": "m.login.dummy"]])
            #expect(registered["expires_in_ms"] == 300_000)
            let login = try await server.ask(.post, "login", password.merging(["refresh_token": true]))
            for first in [registered, login] {
                let refreshed = try await server.ask(.post, "refresh", ["refresh_token": first["refresh_token"] ?? nil])
                #expect(refreshed.status == 200 && refreshed["expires_in_ms"] == 300_000)
                let who = try await server.ask(.get, "account/whoami", token: refreshed["access_token"]?.string)
                #expect(who["device_id"] == first["device_id"])
                #expect(try await server.ask(.get, "account/whoami", token: first["access_token"]?.string).status == 401)
                let again = try await server.ask(.post, "refresh", ["refresh_token": first["refresh_token"] ?? nil])
                #expect(again.status == 401 && again.errcode == "M_UNKNOWN_TOKEN" && again["soft_logout"] == true)
            }
            let plain = try await server.ask(.post, "login", password)
            #expect(plain["refresh_token"] == nil && plain["expires_in_ms"] == nil)
            #expect(try await server.ask(.post, "refresh", [:]).errcode == "M_MISSING_PARAM")
            #expect(try await server.ask(.post, "login", password.merging(["refresh_token": "yes"])).errcode == "M_BAD_JSON")
        }
    }

    @Test func anotherClientLogsInByATokenWithTheUsersConsent() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            let path = "/_matrix/client/v1/login/get_token"
            let first = try await server.ask(.post, path, [:], token: user.token)
            #expect(first.status == 401 && first["flows"] == [["stages": ["m.login.password"]]])
            let auth: JSON = .object(password.merging(["session": first["session"] ?? nil]))
            let made = try await server.ask(.post, path, ["auth": auth], token: user.token)
            #expect(made.status == 200 && made["expires_in_ms"] == 120_000)
            let login: JSONObject = ["type": "m.login.token", "token": made["login_token"] ?? nil]
            #expect(try await server.ask(.post, "login", login)["user_id"] == "@alice:test")
            #expect(try await server.ask(.post, "login", login).errcode == "M_FORBIDDEN")
            #expect(try await server.ask(.post, "login", ["type": "m.login.token"]).errcode == "M_MISSING_PARAM")
            // Consent is asked for each time.
            let session: JSONObject = ["auth": ["session": first["session"] ?? nil]]
            #expect(try await server.ask(.post, path, session, token: user.token).errcode == "M_UNKNOWN")
            let capabilities = try await server.ask(.get, "capabilities", token: user.token)["capabilities"]
            #expect(capabilities?["m.get_login_token"] == ["enabled": true])
        }
    }
}
