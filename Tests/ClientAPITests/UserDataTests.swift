import Matrix
import Testing

@Suite struct UserDataTests {
    @Test func aProfileIsReadByAnybodyAndChangedByItsUser() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice"), eve = try await server.register("eve")
            let path = "profile/@alice:test"
            #expect(try await server.ask(.get, path).body == ["displayname": "alice"])
            for (field, value) in [("displayname", "Alice"), ("avatar_url", "mxc://test/abc"), ("org.example.any", [1, nil])]
                as [(String, JSON)]
            {
                let body: JSONObject = [field: value]
                #expect(try await server.ask(.put, "\(path)/\(field)", body, token: user.token).status == 200)
                #expect(try await server.ask(.get, "\(path)/\(field)").body == .object(body))
                #expect(try await server.ask(.put, "\(path)/\(field)", body, token: eve.token).errcode == "M_FORBIDDEN")
            }
            #expect(try await server.ask(.get, path).body.object?.count == 3)
            #expect(try await server.ask(.delete, "\(path)/avatar_url", token: user.token).status == 200)
            #expect(try await server.ask(.get, "\(path)/avatar_url").body == .object([:]))
            #expect(try await server.ask(.get, "\(path)/org.example.none").errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.get, "profile/@nobody:test").errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.get, "profile/nobody").errcode == "M_INVALID_PARAM")
        }
    }

    @Test func whatAProfileDoesNotTake() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice")
            let long = JSON.string(String(repeating: "x", count: 70_000)), name = String(repeating: "n", count: 260)
            for (field, body, errcode) in [
                ("displayname", [:], "M_MISSING_PARAM"), ("displayname", ["displayname": 5], "M_INVALID_PARAM"),
                ("displayname", ["displayname": long], "M_INVALID_PARAM"), ("Capital", ["Capital": 1], "M_INVALID_PARAM"),
                ("plain", ["plain": 1], "M_INVALID_PARAM"), ("a..b", ["a..b": 1], "M_INVALID_PARAM"),
                ("org.example.long", ["org.example.long": long], "M_PROFILE_TOO_LARGE"), (name, [:], "M_KEY_TOO_LARGE"),
            ] as [(String, JSONObject, String)] {
                let answer = try await server.ask(.put, "profile/@alice:test/\(field)", body, token: user.token)
                #expect(answer.status == 400 && answer.errcode == errcode)
            }
        }
    }

    @Test func accountDataIsOnesOwn() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice"), eve = try await server.register("eve")
            for path in ["user/@alice:test/account_data/org.x", "user/@alice:test/rooms/!r:test/account_data/org.x"] {
                #expect(try await server.ask(.get, path, token: user.token).errcode == "M_NOT_FOUND")
                let content: JSONObject = ["path": .string(path)]
                #expect(try await server.ask(.put, path, content, token: user.token).status == 200)
                #expect(try await server.ask(.get, path, token: user.token).body == .object(content))
                #expect(try await server.ask(.get, path, token: eve.token).status == 403)
                #expect(try await server.ask(.put, path, content, token: eve.token).status == 403)
                #expect(try await server.ask(.put, path, bytes: Array("[]".utf8), token: user.token).errcode == "M_BAD_JSON")
            }
            for type in ["m.fully_read", "m.push_rules"] {
                let answer = try await server.ask(.put, "user/@alice:test/account_data/\(type)", [:], token: user.token)
                #expect(answer.status == 405 && answer.errcode == "M_BAD_JSON")
            }
            let room = try await server.ask(.get, "user/@alice:test/rooms/nonsense/account_data/x", token: user.token)
            #expect(room.errcode == "M_INVALID_PARAM")
        }
    }

    @Test func pushRulesAreRead() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice")
            let all = try await server.ask(.get, "pushrules/", token: user.token)
            #expect(try await server.ask(.get, "pushrules/global/", token: user.token).body == all["global"])
            let path = "pushrules/global/override/.m.rule.master"
            #expect(try await server.ask(.get, path, token: user.token).body == all["global"]?["override"]?[0])
            #expect(try await server.ask(.get, "\(path)/enabled", token: user.token).body == ["enabled": false])
            #expect(try await server.ask(.get, "\(path)/actions", token: user.token).body == ["actions": []])
            #expect(try await server.ask(.get, "pushrules/global/override/none", token: user.token).errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.get, "pushrules/global/odd/none", token: user.token).errcode == "M_INVALID_PARAM")
        }
    }
}
