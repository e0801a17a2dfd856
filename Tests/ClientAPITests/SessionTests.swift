import Matrix
import Testing

@Suite struct SessionTests {
    @Test func loginTakesAUserByEitherName() async throws {
        try await TestServer.run { server in
            _ = try await server.register("alice")
            #expect(try await server.ask(.get, "login").body == [
                "flows": [["type": "m.login.password"], ["type": "m.login.token", "get_login_token": true]]
            ])
            for name in ["alice", "@alice:test"] {
                let user = try await server.logIn(name, deviceID: "my_super_id")
                #expect(user.userID == "@alice:test" && user.deviceID == "my_super_id")
            }
            let older = try await server.ask(
                .post, "/_matrix/client/r0/login",
                ["type": "m.login.password", "user": "alice", "password": "correct horse"])
            #expect(older.status == 200 && older["home_server"] == "test")
        }
    }

    @Test func whoMayNotLogIn() async throws {
        try await TestServer.run { server in
            _ = try await server.register("alice")
            let alice: JSON = ["type": "m.id.user", "user": "alice"], wrong: JSON = "wrong"
            for (body, status, errcode) in [
                (["type": "m.login.password", "identifier": alice, "password": wrong], 403, "M_FORBIDDEN"),
                (["type": "m.login.password", "user": "nobody", "password": wrong], 403, "M_FORBIDDEN"),
                (["type": "m.login.password", "user": "@alice:elsewhere", "password": wrong], 403, "M_FORBIDDEN"),
                (["type": "m.login.magic"], 400, "M_UNKNOWN"), ([:], 400, "M_MISSING_PARAM"),
                (["type": "m.login.password", "password": wrong], 400, "M_MISSING_PARAM"),
                (["type": "m.login.password", "identifier": alice], 400, "M_MISSING_PARAM"),
                (["type": "m.login.password", "identifier": ["type": "m.id.phone"], "password": wrong], 400, "M_UNKNOWN"),
                (["type": 5], 400, "M_BAD_JSON"),
            ] as [(JSONObject, Int, String)] {
                let answer = try await server.ask(.post, "login", body)
                #expect(answer.status == status && answer.errcode == errcode)
            }
        }
    }

    @Test func logoutEndsOneTokenOrAll() async throws {
        try await TestServer.run { server in
            let first = try await server.register("alice")
            let others = [try await server.logIn("alice"), try await server.logIn("alice")]
            #expect(try await server.ask(.post, "logout", [:], token: first.token).status == 200)
            let who = try await server.ask(.get, "account/whoami", token: first.token)
            #expect(who.status == 401 && who.errcode == "M_UNKNOWN_TOKEN")
            #expect(try await server.ask(.post, "logout/all", token: others[0].token).status == 200)
            #expect(try await server.ask(.get, "account/whoami", token: others[1].token).status == 401)
            #expect(try await server.ask(.post, "logout", [:]).errcode == "M_MISSING_TOKEN")
            #expect(try await server.ask(.post, "logout?access_token=an/invalid/token", [:]).errcode == "M_UNKNOWN_TOKEN")
        }
    }

    @Test func whoAmI() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice")
            let answer = try await server.ask(.get, "account/whoami", token: user.token)
            #expect(
                answer.body == ["user_id": "@alice:test", "device_id": .string(user.deviceID), "is_guest": false])
        }
    }

    @Test func thePasswordChangesAndOtherDevicesGo() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice")
            func change(_ old: String, _ new: String, _ more: JSONObject = [:]) async throws -> Int {
                let auth: JSON = [
                    "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "@alice:test"],
                    "password": .string(old),
                ]
                let body: JSONObject = ["auth": auth, "new_password": .string(new)]
                return try await server.ask(.post, "account/password", body.merging(more), token: user.token).status
            }
            let other = try await server.logIn("alice")
            #expect(try await change("wrong", "x") == 401)
            #expect(try await change("correct horse", "second", ["logout_devices": false]) == 200)
            #expect(try await server.ask(.get, "account/whoami", token: other.token).status == 200)
            #expect(try await change("second", "third") == 200)
            #expect(try await server.ask(.get, "account/whoami", token: other.token).status == 401)
            #expect(try await server.ask(.get, "account/whoami", token: user.token).status == 200)
            _ = try await server.logIn("alice", password: "third")
        }
    }
}
