import Matrix
import Testing

@Suite struct PushRuleTests {
    private func ids(_ server: TestServer, _ kind: String, _ user: TestServer.User) async throws -> [String] {
        let rules = try await server.ask(.get, "pushrules/global/", token: user.token)[kind]?.array ?? []
        return rules.compactMap { $0["rule_id"]?.string }
    }

    @Test func rulesOfEachKindAreMadeChangedAndRemoved() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            let condition: JSON = ["kind": "event_match", "key": "type", "pattern": "org.x", "org.extra": 1]
            for (kind, id, more) in [
                ("override", "mine", ["conditions": [condition]]), ("underride", "mine", ["conditions": []]),
                ("content", "cake", ["pattern": "cake*"]), ("room", "!r:test", [:]), ("sender", "@bob:test", [:]),
            ] as [(String, String, JSONObject)] {
                let path = "pushrules/global/\(kind)/\(id)"
                let rule = more.merging(["actions": ["notify", ["set_tweak": "highlight"]]])
                #expect(try await server.ask(.put, path, rule, token: user.token).body == [:])
                let found = try await server.ask(.get, path, token: user.token).body
                #expect(found == .object(rule.merging(["rule_id": .string(id), "default": false, "enabled": true])))
                #expect(try await server.ask(.put, "\(path)/enabled", ["enabled": false], token: user.token).body == [:])
                #expect(try await server.ask(.get, "\(path)/enabled", token: user.token).body == ["enabled": false])
                #expect(try await server.ask(.put, "\(path)/actions", ["actions": []], token: user.token).body == [:])
                #expect(try await server.ask(.get, "\(path)/actions", token: user.token).body == ["actions": []])
                // A change leaves it out of force.
                #expect(try await server.ask(.put, path, rule, token: user.token).status == 200)
                #expect(try await server.ask(.get, "\(path)/enabled", token: user.token).body == ["enabled": false])
                #expect(try await server.ask(.delete, path, token: user.token).body == [:])
                #expect(try await server.ask(.get, path, token: user.token).errcode == "M_NOT_FOUND")
                #expect(try await server.ask(.delete, path, token: user.token).errcode == "M_NOT_FOUND")
            }
        }
    }

    @Test func thoseOfAKindAreListedAndThereAreNoOthers() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            _ = try await server.ask(.put, "pushrules/global/sender/@bob:test", ["actions": []], token: user.token)
            let bobs = try await server.ask(.get, "pushrules/global/sender/", token: user.token).body
            #expect(bobs.array?.compactMap { $0["rule_id"]?.string } == ["@bob:test"])
            #expect(try await server.ask(.get, "pushrules/global/room/", token: user.token).body == [])
            for path in [
                "global", "global/room", "device/", "device/room/!r:test", "global/made_up/", "global/override/.m.rule.master/colour",
            ] {
                #expect(try await server.ask(.get, "pushrules/\(path)", token: user.token).status == 400, "\(path)")
                #expect(try await server.ask(.put, "pushrules/\(path)", [:], token: user.token).status == 400, "\(path)")
            }
            #expect(try await server.ask(.put, "pushrules/", [:], token: user.token).status == 400)
            #expect(try await server.ask(.get, "pushrules", token: user.token).status == 404)
        }
    }

    @Test func rulesStandWhereTheyArePut() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            func put(_ id: String, _ query: String = "") async throws -> Int {
                try await server.ask(
                    .put, "pushrules/global/override/\(id)\(query)", ["actions": [], "conditions": []], token: user.token
                ).status
            }
            func own() async throws -> [String] { try await ids(server, "override", user).filter { !$0.hasPrefix(".") } }
            for id in ["a", "b"] { #expect(try await put(id) == 200) }
            #expect(try await own() == ["b", "a"])
            #expect(try await ids(server, "override", user).first == ".m.rule.master")
            #expect(try await put("c", "?after=b") == 200)
            #expect(try await put("d", "?before=b") == 200)
            #expect(try await own() == ["d", "b", "c", "a"])
            #expect(try await put("c") == 200)
            #expect(try await own() == ["d", "b", "c", "a"])
            #expect(try await put("a", "?before=d") == 200)
            #expect(try await own() == ["a", "d", "b", "c"])
            for neighbour in ["none", ".m.rule.master"] { #expect(try await put("e", "?before=\(neighbour)") == 400) }
        }
    }

    @Test func theRulesThatEverybodyHasAreChangedButStay() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            let path = "pushrules/global/override/.m.rule.master"
            #expect(try await server.ask(.put, "\(path)/enabled", ["enabled": true], token: user.token).status == 200)
            #expect(try await server.ask(.get, "\(path)/enabled", token: user.token).body == ["enabled": true])
            #expect(try await server.ask(.delete, path, token: user.token).errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.put, path, ["actions": []], token: user.token).errcode == "M_INVALID_PARAM")
        }
    }

    @Test func whatIsNoRuleIsRefused() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            for (path, body, errcode) in [
                ("odd/x", ["actions": []], "M_INVALID_PARAM"), ("room/x", [:], "M_MISSING_PARAM"),
                ("room/x%2Fy", ["actions": []], "M_INVALID_PARAM"), ("room/x", ["actions": "notify"], "M_INVALID_PARAM"),
                ("room/x", ["actions": ["shout"]], "M_INVALID_PARAM"), ("content/x", ["actions": []], "M_MISSING_PARAM"),
                ("content/x", ["actions": [], "pattern": 1], "M_INVALID_PARAM"),
                ("override/x", ["actions": [], "conditions": [1]], "M_INVALID_PARAM"),
                ("override/x", ["actions": [], "conditions": [:]], "M_INVALID_PARAM"),
                ("override/x/enabled", [:], "M_MISSING_PARAM"), ("override/x/enabled", ["enabled": "yes"], "M_BAD_JSON"),
                ("override/x/enabled", ["enabled": true], "M_NOT_FOUND"), ("override/x/actions", [:], "M_MISSING_PARAM"),
                ("override/x/actions", ["actions": [1]], "M_INVALID_PARAM"),
            ] as [(String, JSONObject, String)] {
                let answer = try await server.ask(.put, "pushrules/global/\(path)", body, token: user.token)
                #expect(answer.errcode == errcode && (400...404).contains(answer.status), "\(path) \(body)")
            }
        }
    }
}
