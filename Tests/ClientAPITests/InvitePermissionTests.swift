import Matrix
import Testing

@Suite struct InvitePermissionTests {
    @Test func whoBlocksInvitesGetsNone() async throws {
        try await TestServer.run { server in
            let alice = try await server.register("alice"), bob = try await server.register("bob")
            let room = try #require(try await server.ask(.post, "createRoom", [:], token: alice.token)["room_id"]?.string)
            let path = "user/\(bob.userID)/account_data/m.invite_permission_config"
            _ = try await server.ask(.put, path, ["default_action": "block"], token: bob.token)
            let invite: JSONObject = ["user_id": .string(bob.userID)]
            func attempts() async throws -> [String?] {
                [
                    try await server.ask(.post, "rooms/\(room)/invite", invite, token: alice.token).errcode,
                    try await server.ask(.post, "createRoom", ["invite": [.string(bob.userID)]], token: alice.token).errcode,
                    try await server.ask(
                        .put, "rooms/\(room)/state/m.room.member/\(bob.userID)", ["membership": "invite"], token: alice.token
                    ).errcode,
                ]
            }
            #expect(try await attempts() == ["M_INVITE_BLOCKED", "M_INVITE_BLOCKED", "M_INVITE_BLOCKED"])
            _ = try await server.ask(.put, path, [:], token: bob.token)
            #expect(try await attempts() == [nil, nil, nil])
        }
    }
}
