import Matrix
import Testing

/// What users say of their presence.
@Suite struct PresenceTests {
    @Test(arguments: [false, true]) func aUserSetsTheirOwnPresenceOnly(isTold: Bool) async throws {
        try await TestServer.run({ $0.tellsPresence = isTold }) { server in
            let alice = try await server.register("alice"), path = "presence/\(alice.userID)/status"
            let set = try await server.ask(.put, path, ["presence": "online", "status_msg": "here"], token: alice.token)
            #expect(set.status == 200 && set.body == [:])
            let unset = try await server.ask(.put, path, ["presence": "unavailable", "status_msg": .null], token: alice.token)
            #expect(unset.status == 200)
            let others = try await server.ask(.put, "presence/@bob:test/status", ["presence": "online"], token: alice.token)
            #expect(others.status == 403 && others.errcode == "M_FORBIDDEN")
            for body in [[:], ["presence": "busy"], ["presence": 1], ["presence": "online", "status_msg": 1]] as [JSONObject] {
                let refused = try await server.ask(.put, path, body, token: alice.token)
                #expect(refused.status == 400 && refused.errcode == "M_BAD_JSON", "\(body)")
            }
            let long = try await server.ask(
                .put, path, ["presence": "online", "status_msg": .string(String(repeating: "x", count: 2000))], token: alice.token)
            #expect(long.status == 400)
            #expect(try await server.ask(.put, path, ["presence": "online"]).errcode == "M_MISSING_TOKEN")
        }
    }
}
