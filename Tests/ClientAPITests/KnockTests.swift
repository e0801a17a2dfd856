import Matrix
import Testing

@Suite struct KnockTests {
    @Test func somebodyKnocksByAliasAndIsLetIn() async throws {
        try await TestServer.run { server in
            let alice = try await server.register("alice"), bob = try await server.register("bob")
            let rule: JSON = ["type": "m.room.join_rules", "content": ["join_rule": "knock"]]
            let created = try await server.ask(
                .post, "createRoom", ["initial_state": [rule], "room_alias_name": "door"], token: alice.token)
            let room = try #require(created["room_id"]?.string)
            let knocked = try await server.ask(.post, "knock/%23door:test", ["reason": "let me in"], token: bob.token)
            #expect(knocked["room_id"]?.string == room)
            let member = try await server.ask(.get, "rooms/\(room)/state/m.room.member/\(bob.userID)", token: alice.token)
            #expect(member["membership"] == "knock")
            #expect(member["reason"] == "let me in")
            #expect(try await server.ask(.post, "join/\(room)", token: bob.token).status == 403)
            #expect(
                try await server.ask(.post, "rooms/\(room)/invite", ["user_id": .string(bob.userID)], token: alice.token).status == 200)
            #expect(try await server.ask(.post, "join/\(room)", token: bob.token).status == 200)
        }
    }

    @Test func aKnockOnNoRoomIsRefused() async throws {
        try await TestServer.run { server in
            let bob = try await server.register("bob")
            #expect(try await server.ask(.post, "knock/!none:test", token: bob.token).errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.post, "knock/%23none:test", token: bob.token).errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.post, "knock/none", token: bob.token).errcode == "M_INVALID_PARAM")
        }
    }
}
