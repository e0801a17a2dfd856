import Matrix
import Testing

/// What identity servers are asked, for invites and for bindings.
@Suite(.timeLimit(.minutes(1))) struct IdentityServerTests {
    @Test func whoeverHasAnAddressIsInvitedAndWhoeverHasAnotherAnnounced() async throws {
        try await TestIdentityServer.run { identity, name, client in
            try await TestServer.run({ $0.trustedIdentityServers = [name] }, client: client) { server in
                let alice = try await server.register("alice"), known = try await server.register("known")
                let room = try #require(try await server.ask(.post, "createRoom", [:], token: alice.token)["room_id"]?.string)
                func invite(_ address: String) async throws -> Int {
                    let body: JSONObject = [
                        "id_server": .string(name), "id_access_token": "secret", "medium": "email", "address": .string(address),
                    ]
                    return try await server.ask(.post, "rooms/\(room)/invite", body, token: alice.token).status
                }
                #expect(try await invite("Known@b.test") == 200)
                let member = try await server.ask(.get, "rooms/\(room)/state/m.room.member/\(known.userID)", token: alice.token)
                #expect(member["membership"] == "invite")
                #expect(try await invite("nobody@b.test") == 200)
                let kept = try await server.ask(.get, "rooms/\(room)/state/m.room.third_party_invite/kept", token: alice.token)
                #expect(kept["display_name"] == "n...@b..." && kept["public_key"] == "key")
                #expect(
                    identity.requests == [
                        "GET hash_details Bearer secret", "POST lookup Bearer secret", "GET hash_details Bearer secret",
                        "POST lookup Bearer secret", "POST store-invite Bearer secret",
                    ])
            }
        }
    }

    @Test func anAddressIsBoundInTheUsersNameAndUnboundInTheServers() async throws {
        try await TestIdentityServer.run { identity, name, client in
            try await TestServer.run({ $0.trustedIdentityServers = [name] }, client: client) { server in
                let alice = try await server.register("alice")
                func bind(_ sid: String) async throws -> TestServer.Answer {
                    let body: JSONObject = [
                        "client_secret": "a", "id_server": .string(name), "id_access_token": "secret", "sid": .string(sid),
                    ]
                    return try await server.ask(.post, "account/3pid/bind", body, token: alice.token)
                }
                #expect(try await bind("not yet").errcode == "M_SESSION_NOT_VALIDATED")
                #expect(try await bind("proved").status == 200)
                // The server remembers who was told.
                func unbind() async throws -> JSON? {
                    try await server.ask(
                        .post, "account/3pid/unbind", ["medium": "email", "address": "known@b.test"], token: alice.token)[
                            "id_server_unbind_result"]
                }
                #expect(try await unbind() == "success")
                #expect(try await unbind() == "no-support")
                #expect(
                    identity.requests == [
                        "POST 3pid/bind Bearer secret", "POST 3pid/bind Bearer secret", "POST 3pid/unbind X-Matrix origin=\"test\"",
                    ])
            }
        }
    }

    @Test func oneThatIsAwayIsSaidToBe() async throws {
        try await TestServer.run({ $0.trustedIdentityServers = ["localhost:1"] }) { server in
            let alice = try await server.register("alice")
            let body: JSONObject = ["client_secret": "a", "id_server": "localhost:1", "id_access_token": "c", "sid": "d"]
            let bound = try await server.ask(.post, "account/3pid/bind", body, token: alice.token)
            #expect(bound.status == 502 && bound.errcode == "M_CONNECTION_FAILED")
            let invite: JSONObject = [
                "id_server": "localhost:1", "id_access_token": "secret", "medium": "email", "address": "a@b.test",
            ]
            let created = try await server.ask(.post, "createRoom", ["invite_3pid": [.object(invite)]], token: alice.token)
            #expect(created.status == 502 && created.errcode == "M_CONNECTION_FAILED")
        }
    }
}
