import ClientAPI
import Matrix
import TestSupport
import Testing
import UserAPI

@Suite(.timeLimit(.minutes(1))) struct EmailRegistrationTests {
    @Test func anAccountIsMadeWithAnAddress() async throws {
        try await TestServer.runWithMail { server, mails in
            let first = try await server.ask(.post, "register", ["username": "alice", "password": "secret"])
            #expect(first["flows"] == [["stages": ["m.login.dummy"]], ["stages": ["m.login.email.identity"]]])
            let asked = try await server.ask(
                .post, "register/email/requestToken",
                ["email": "alice@example.org", "client_secret": "cs", "send_attempt": 1, "next_link": "https://next.example/x"])
            #expect(asked.status == 200)
            let credentials: JSON = ["sid": asked["sid"] ?? nil, "client_secret": "cs"]
            let auth: JSON = [
                "type": "m.login.email.identity", "session": first["session"] ?? nil, "threepid_creds": credentials,
            ]
            let early = try await server.ask(.post, "register", ["auth": auth])
            #expect(early.status == 401 && early.errcode == "M_THREEPID_AUTH_FAILED" && early["completed"] == [])
            let opened = try await server.open(mails.link)
            #expect(opened.status == 302 && opened.headers["Location"] == "https://next.example/x")
            let registered = try await server.ask(.post, "register", ["auth": auth])
            #expect(registered.status == 200 && registered["user_id"] == "@alice:test")
            #expect(try await server.ask(.post, "register", ["auth": auth]).body == registered.body)
            let known = try await server.ask(.get, "account/3pid", token: registered["access_token"]?.string)
            #expect(known["threepids"]?.array?.first?["address"] == "alice@example.org")
            let again = try await server.ask(
                .post, "register/email/requestToken", ["email": "alice@example.org", "client_secret": "x", "send_attempt": 1])
            #expect(again.status == 400 && again.errcode == "M_THREEPID_IN_USE")
        }
    }

    @Test func aLinkThatWasNeverSentDoesNotWork() async throws {
        try await TestServer.runWithMail { server, mails in
            let asked = try await server.ask(
                .post, "register/email/requestToken", ["email": "a@b", "client_secret": "cs", "send_attempt": 1])
            let link = try mails.link
            #expect(try await server.open(link + "x").status == 400)
            #expect(try await server.open(link).status == 200)
            #expect(asked["sid"]?.string.map { link.contains($0) } == true)
        }
    }

    @Test func refusals() async throws {
        try await TestServer.runWithMail { server, _ in
            let good: JSONObject = ["email": "a@b", "client_secret": "cs", "send_attempt": 1]
            for (change, errcode) in [
                (["send_attempt": nil], "M_BAD_JSON"), (["send_attempt": "1"], "M_BAD_JSON"), (["email": 1], "M_BAD_JSON"),
                (["email": "nobody"], "M_INVALID_PARAM"), (["client_secret": "a b"], "M_INVALID_PARAM"),
                (["next_link": "javascript:alert(1)"], "M_INVALID_PARAM"), (["next_link": "file:///etc"], "M_INVALID_PARAM"),
                (["next_link": "https://a\r\nX: y"], "M_INVALID_PARAM"),
            ] as [(JSONObject, String)] {
                let answer = try await server.ask(.post, "register/email/requestToken", good.merging(change))
                #expect(answer.status == 400 && answer.errcode == errcode, "\(change)")
            }
            let auth: JSON = ["type": "m.login.email.identity"]
            #expect(try await server.ask(.post, "register", ["auth": auth]).errcode == "M_MISSING_PARAM")
        }
    }

    @Test func withoutMailsItIsNotThere() async throws {
        try await TestServer.run { server in
            for (path, status, errcode) in [
                ("register/email", 403, "M_THREEPID_DENIED"), ("register/msisdn", 403, "M_THREEPID_DENIED"),
                ("account/password/email", 403, "M_THREEPID_DENIED"), ("account/password/msisdn", 403, "M_THREEPID_DENIED"),
                ("account/3pid/email", 400, "M_THREEPID_MEDIUM_NOT_SUPPORTED"),
                ("account/3pid/msisdn", 400, "M_THREEPID_MEDIUM_NOT_SUPPORTED"),
            ] {
                let answer = try await server.ask(.post, "\(path)/requestToken", [:])
                #expect(answer.status == status && answer.errcode == errcode, "\(path)")
            }
            let auth: JSON = ["type": "m.login.email.identity", "threepid_creds": ["sid": "x", "client_secret": "y"]]
            #expect(try await server.ask(.post, "register", ["auth": auth]).errcode == "M_UNRECOGNIZED")
        }
    }
}
