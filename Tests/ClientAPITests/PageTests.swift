import Contracts
import Matrix
import Testing
import Web

@Suite struct PageTests {
    private func text(_ response: Response) -> String {
        guard case .bytes(let bytes) = response.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func aStageIsPassedOnAPage() async throws {
        try await TestServer.run({ $0.registrationRequiresToken = true }) { server async throws in
            _ = try await server.users.call(
                CreateRegistrationToken(token: RegistrationToken(token: "abc", usesAllowed: nil, expiresTS: nil)))
            let first = try await server.ask(.post, "register", ["username": "alice", "password": "secret"])
            let session = try #require(first["session"]?.string)
            let path = "/_matrix/client/v3/auth/m.login.registration_token/fallback/web?session=\(session)"
            let page = try await server.open(path)
            #expect(page.status == 200 && text(page).contains("<form method=\"post\">"))
            #expect(page.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
            let wrong = try await server.open(path, .post, form: "token=%3Cb%3E")
            #expect(text(wrong).contains("Invalid registration token") && !text(wrong).contains("onAuthDone"))
            let right = try await server.open(path, .post, form: "token=abc")
            #expect(text(right).contains("window.onAuthDone"))
            let last = try await server.ask(.post, "register", ["auth": ["session": .string(session)]])
            #expect(last.status == 200)
        }
    }

    @Test func aPasswordIsShownOnAPage() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice"), other = try await server.logIn("alice")
            let first = try await server.ask(.delete, "devices/\(other.deviceID)", token: user.token)
            let session = try #require(first["session"]?.string)
            let path = "/_matrix/client/r0/auth/m.login.password/fallback/web?session=\(session)"
            #expect(text(try await server.open(path, .post, form: "password=wrong")).contains("not your password"))
            #expect(text(try await server.open(path, .post, form: "password=correct+horse")).contains("window.onAuthDone"))
            let auth: JSONObject = ["auth": ["session": .string(session)]]
            #expect(try await server.ask(.delete, "devices/\(other.deviceID)", auth, token: user.token).status == 200)
        }
    }

    @Test func whatHasNoPage() async throws {
        try await TestServer.run { server async throws in
            for (path, status) in [
                ("m.login.dummy/fallback/web", 400), ("m.login.dummy/fallback/web?session=unknown", 400),
                ("m.login.email.identity/fallback/web?session=x", 404), ("m.login.recaptcha/fallback/web?session=x", 404),
                ("odd/fallback/web?session=x", 404),
            ] {
                #expect(try await server.open("/_matrix/client/v3/auth/\(path)").status == status, "\(path)")
            }
            let login = try await server.open("/_matrix/static/client/login/")
            #expect(login.status == 200 && text(login).contains("window.onLogin"))
        }
    }

    @Test func supportIsNamedWhereItIsConfigured() async throws {
        let path = "/.well-known/matrix/support"
        try await TestServer.run { server async throws in
            #expect(try await server.ask(.get, path).errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.get, "/.well-known/matrix/policy_server").errcode == "M_NOT_FOUND")
        }
        try await TestServer.run({ $0.support = .init(matrixID: "@a:test", page: "https://x") }) { server async throws in
            let contact: JSON = ["matrix_id": "@a:test", "role": "m.role.admin"]
            #expect(try await server.ask(.get, path).body == ["contacts": [contact], "support_page": "https://x"])
        }
    }

    @Test func thereAreNoOtherNetworks() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            #expect(try await server.ask(.get, "thirdparty/protocols", token: user.token).body == [:])
            for path in ["protocol/irc", "location/irc", "user/irc", "location?alias=%23a:test", "user?userid=@a:test"] {
                #expect(try await server.ask(.get, "thirdparty/\(path)", token: user.token).errcode == "M_NOT_FOUND", "\(path)")
            }
        }
    }
}
