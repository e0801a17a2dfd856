import Contracts
import Matrix
import Testing

@Suite struct UpgradeTests {
    @Test func whoMovesToTheNewRoomFindsTheirSettings() async throws {
        try await TestServer.run { server in
            let alice = try await server.register("alice"), bob = try await server.register("bob")
            let created = try await server.ask(
                .post, "createRoom", ["preset": "public_chat", "room_version": "10"], token: alice.token)
            let old = try #require(created["room_id"]?.string)
            _ = try await server.ask(.post, "join/\(old)", token: bob.token)
            for user in [alice, bob] {
                try await server.set("m.tag", ["tags": ["m.favourite": [:]]], of: user, room: old)
                try await server.set("m.direct", ["@x:test": [.string(old)]], of: user)
                let rules = try await server.users.call(QueryPushRules(userID: user.userID)).rules.object ?? [:]
                var global = rules["global"]?.object ?? [:]
                global["room"] = [["rule_id": .string(old), "default": false, "enabled": true, "actions": ["notify"]]]
                try await server.set("m.push_rules", ["global": .object(global)], of: user)
            }
            let upgraded = try await server.ask(.post, "rooms/\(old)/upgrade", ["new_version": "11"], token: alice.token)
            let new = try #require(upgraded["replacement_room"]?.string)
            try await server.expectSettings(of: alice, in: new)
            #expect(try await server.ask(.post, "join/\(new)", token: bob.token).status == 200)
            try await server.expectSettings(of: bob, in: new)
        }
    }

    @Test func onlyKnownVersionsAreUpgradedTo() async throws {
        try await TestServer.run { server in
            let alice = try await server.register("alice")
            let room = try #require(try await server.ask(.post, "createRoom", [:], token: alice.token)["room_id"]?.string)
            func upgrade(_ body: JSONObject) async throws -> String? {
                try await server.ask(.post, "rooms/\(room)/upgrade", body, token: alice.token).errcode
            }
            #expect(try await upgrade(["new_version": "x"]) == "M_UNSUPPORTED_ROOM_VERSION")
            #expect(try await upgrade([:]) == "M_BAD_JSON")
            #expect(try await upgrade(["new_version": "12", "additional_creators": ["x"]]) == "M_INVALID_PARAM")
        }
    }
}

extension TestServer {
    fileprivate func set(_ type: String, _ content: JSONObject, of user: User, room: String? = nil) async throws {
        _ = try await users.call(SetAccountData(userID: user.userID, roomID: room, type: type, content: RawJSON(content)))
    }

    fileprivate func expectSettings(of user: User, in room: String) async throws {
        let tags = try await users.call(QueryAccountData(userID: user.userID, roomID: room, type: "m.tag")).content.object
        #expect(tags?["tags"]?["m.favourite"] != nil)
        let direct = try await users.call(QueryAccountData(userID: user.userID, roomID: nil, type: "m.direct")).content.object
        #expect(direct?["@x:test"]?.array?.contains(.string(room)) == true)
        let rules = try await users.call(QueryPushRules(userID: user.userID)).rules.object
        #expect(rules?["global"]?["room"]?.array?.contains { $0["rule_id"]?.string == room } == true)
    }
}
