import Matrix
import Testing

@Suite struct InviteByAddressTests {
    @Test func onlyTrustedIdentityServersAreAsked() async throws {
        try await TestServer.run({ $0.trustedIdentityServers = ["id.test"] }) { server in
            let alice = try await server.register("alice")
            let room = try #require(try await server.ask(.post, "createRoom", [:], token: alice.token)["room_id"]?.string)
            func invite(_ name: String, _ medium: String = "email") async throws -> String? {
                let body: JSONObject = [
                    "id_server": .string(name), "id_access_token": "token", "medium": .string(medium), "address": "a@b.test",
                ]
                let created = try await server.ask(.post, "createRoom", ["invite_3pid": [.object(body)]], token: alice.token)
                let invited = try await server.ask(.post, "rooms/\(room)/invite", body, token: alice.token)
                #expect(created.errcode == invited.errcode)
                return invited.errcode
            }
            #expect(try await invite("evil.test") == "M_SERVER_NOT_TRUSTED")
            #expect(try await invite("id.test/evil") == "M_SERVER_NOT_TRUSTED")
            #expect(try await invite("id.test", "msisdn") == "M_THREEPID_MEDIUM_NOT_SUPPORTED")
            let missing = try await server.ask(.post, "rooms/\(room)/invite", ["id_server": "id.test"], token: alice.token)
            #expect(missing.errcode == "M_BAD_JSON")
            #expect(try await server.ask(.post, "rooms/\(room)/invite", [:], token: alice.token).errcode == "M_BAD_JSON")
        }
    }

    @Test func aSignedTokenOfNoInviteLetsNobodyIn() async throws {
        try await TestServer.run { server in
            let alice = try await server.register("alice"), bob = try await server.register("bob")
            let room = try #require(try await server.ask(.post, "createRoom", [:], token: alice.token)["room_id"]?.string)
            func join(_ signed: JSON) async throws -> String? {
                try await server.ask(.post, "join/\(room)", ["third_party_signed": signed], token: bob.token).errcode
            }
            #expect(try await join(["mxid": .string(bob.userID), "token": "x", "signatures": [:]]) == "M_FORBIDDEN")
            #expect(try await join([:]) == "M_MISSING_PARAM")
            #expect(try await join("x") == "M_BAD_JSON")
        }
    }
}
