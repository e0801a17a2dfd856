import Matrix
import Testing

@Suite struct DeactivationTests {
    private func deactivate(_ server: TestServer, _ user: TestServer.User, _ more: JSONObject = [:]) async throws -> TestServer.Answer {
        let first = try await server.ask(.post, "account/deactivate", more, token: user.token)
        #expect(first.status == 401 && first["flows"] == [["stages": ["m.login.password"]]])
        let auth: JSON = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"], "password": "correct horse",
            "session": first["session"] ?? nil,
        ]
        return try await server.ask(.post, "account/deactivate", ["auth": auth], token: user.token)
    }

    @Test func nobodyLogsInToADeactivatedAccount() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice"), other = try await server.logIn("alice")
            let wrong: JSON = ["type": "m.login.password", "user": "alice", "password": "wrong"]
            #expect(try await server.ask(.post, "account/deactivate", ["auth": wrong], token: user.token).status == 401)
            #expect(try await server.ask(.get, "account/whoami", token: user.token).status == 200)
            #expect(try await deactivate(server, user).body == ["id_server_unbind_result": "success"])
            for token in [user.token, other.token] {
                #expect(try await server.ask(.get, "account/whoami", token: token).errcode == "M_UNKNOWN_TOKEN")
            }
            let login: JSONObject = ["type": "m.login.password", "user": "alice", "password": "correct horse"]
            #expect(try await server.ask(.post, "login", login).status == 403)
            #expect(try await server.ask(.get, "register/available?username=alice").errcode == "M_USER_IN_USE")
            #expect(try await server.ask(.get, "profile/@alice:test").body == ["displayname": "alice"])
        }
    }

    @Test func erasureTakesTheProfileToo() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            #expect(try await deactivate(server, user, ["erase": true]).status == 200)
            #expect(try await server.ask(.get, "profile/@alice:test").body == [:])
        }
    }

    @Test func aGuestNeedsNoPassword() async throws {
        try await TestServer.run({ $0.guestsDisabled = false }) { server async throws in
            let guest = try await server.ask(.post, "register?kind=guest", [:])
            let body: JSONObject = ["auth": ["type": "m.login.dummy"]]
            #expect(try await server.ask(.post, "account/deactivate", body, token: guest["access_token"]?.string).status == 200)
            #expect(try await server.ask(.get, "account/whoami", token: guest["access_token"]?.string).status == 401)
        }
    }
}
