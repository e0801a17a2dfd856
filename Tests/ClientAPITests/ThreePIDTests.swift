import ClientAPI
import Contracts
import Matrix
import TestSupport
import Testing
import UserAPI

@Suite(.timeLimit(.minutes(1))) struct ThreePIDTests {
    private let address: JSON = "alice@example.org"

    private func password(_ session: JSON?) -> JSON {
        ["type": "m.login.password", "user": "alice", "password": "correct horse", "session": session ?? nil]
    }

    /// Gives alice the address.
    private func add(_ server: TestServer, _ mails: TestMailServer, _ user: TestServer.User) async throws {
        let asked = try await server.ask(
            .post, "account/3pid/email/requestToken", ["email": address, "client_secret": "cs", "send_attempt": 1])
        var body: JSONObject = ["sid": asked["sid"] ?? nil, "client_secret": "cs"]
        let first = try await server.ask(.post, "account/3pid/add", body, token: user.token)
        #expect(first.status == 401 && first["flows"] == [["stages": ["m.login.password"]]])
        body["auth"] = password(first["session"])
        #expect(try await server.ask(.post, "account/3pid/add", body, token: user.token).errcode == "M_THREEPID_AUTH_FAILED")
        let old = try await server.ask(
            .post, "account/3pid", ["three_pid_creds": .object(body.filter { key, _ in key != "auth" })], token: user.token)
        #expect(old.status == 403 && old.errcode == "M_THREEPID_AUTH_FAILED")
        #expect(try await server.open(mails.link).status == 200)
        for _ in 0..<2 { #expect(try await server.ask(.post, "account/3pid/add", body, token: user.token).body == [:]) }
    }

    @Test func anAddressIsAddedLoggedInByAndRemoved() async throws {
        try await TestServer.runWithMail { server, mails async throws in
            let user = try await server.register("alice"), eve = try await server.register("eve")
            try await add(server, mails, user)
            let known = try await server.ask(.get, "account/3pid", token: user.token)["threepids"]?.array ?? []
            #expect(known.map { $0["address"] } == [address])
            let taken = try await server.ask(
                .post, "account/3pid/email/requestToken", ["email": address, "client_secret": "x", "send_attempt": 1])
            #expect(taken.errcode == "M_THREEPID_IN_USE")

            let identifier: JSON = ["type": "m.id.thirdparty", "medium": "email", "address": "Alice@example.org"]
            let login: JSONObject = ["type": "m.login.password", "identifier": identifier, "password": "correct horse"]
            #expect(try await server.ask(.post, "login", login)["user_id"] == "@alice:test")
            #expect(try await server.ask(.post, "login", login.merging(["password": "wrong"])).errcode == "M_FORBIDDEN")

            let body: JSONObject = ["medium": "email", "address": "ALICE@example.org"]
            let others = try await server.ask(.post, "account/3pid/delete", body, token: eve.token)
            #expect(others.body == ["id_server_unbind_result": "no-support"])
            #expect(try await server.ask(.post, "login", login).status == 200)
            #expect(try await server.ask(.post, "account/3pid/delete", body, token: user.token).body == others.body)
            #expect(try await server.ask(.get, "account/3pid", token: user.token).body == ["threepids": []])
            #expect(try await server.ask(.post, "login", login).errcode == "M_FORBIDDEN")
        }
    }

    @Test func aForgottenPasswordIsSetByWhoReadsTheMail() async throws {
        try await TestServer.runWithMail { server, mails async throws in
            let user = try await server.register("alice")
            let ask: JSONObject = ["email": address, "client_secret": "cs", "send_attempt": 1]
            let path = "account/password/email/requestToken"
            #expect(try await server.ask(.post, path, ask).errcode == "M_THREEPID_NOT_FOUND")
            try await add(server, mails, user)
            let asked = try await server.ask(.post, path, ask)
            let first = try await server.ask(.post, "account/password", ["new_password": "second"])
            #expect(first.status == 401 && first["flows"] == [["stages": ["m.login.email.identity"]]])
            let auth: JSON = [
                "type": "m.login.email.identity", "session": first["session"] ?? nil,
                "threepid_creds": ["sid": asked["sid"] ?? nil, "client_secret": "cs"],
            ]
            // A program that opens the link does not say yes.
            let link = try mails.link
            #expect(try await server.open(link).status == 200)
            #expect(try await server.ask(.post, "account/password", ["auth": auth]).errcode == "M_THREEPID_AUTH_FAILED")
            #expect(try await server.open(link, .post).status == 200)
            #expect(try await server.ask(.post, "account/password", ["auth": auth]).body == [:])
            _ = try await server.logIn("alice", password: "second")
            #expect(try await server.ask(.get, "account/whoami", token: user.token).status == 401)
            // What was proved is used up.
            let again = try await server.ask(.post, "account/password", ["auth": auth, "new_password": "third"])
            #expect(again.errcode == "M_THREEPID_AUTH_FAILED")
            _ = try await server.logIn("alice", password: "second")
        }
    }

    @Test func withoutMailsAPasswordNeedsAToken() async throws {
        try await TestServer.run { server async throws in
            for path in ["account/password", "account/deactivate"] {
                #expect(try await server.ask(.post, path, [:]).errcode == "M_MISSING_TOKEN")
            }
        }
    }

    @Test func noIdentityServerIsSpokenWith() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            #expect(try await server.ask(.post, "account/3pid/bind", [:], token: user.token).errcode == "M_MISSING_PARAM")
            let body: JSONObject = ["client_secret": "a", "id_server": "b", "id_access_token": "c", "sid": "d"]
            #expect(try await server.ask(.post, "account/3pid/bind", body, token: user.token).errcode == "M_SERVER_NOT_TRUSTED")
            #expect(try await server.ask(.post, "account/3pid/unbind", [:], token: user.token).errcode == "M_MISSING_PARAM")
            let unbound = try await server.ask(
                .post, "account/3pid/unbind", ["medium": "email", "address": "a@b"], token: user.token)
            #expect(unbound.body == ["id_server_unbind_result": "no-support"])
        }
    }
}
