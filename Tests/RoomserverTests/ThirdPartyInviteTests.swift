import Contracts
import Matrix
import RoomRules
import TestSupport
import Testing

@testable import Roomserver

@Suite struct ThirdPartyInviteTests {
    private let key: SigningKey

    init() throws { key = try SigningKey(id: "ed25519:0", seed: Array(repeating: 1, count: 32)) }

    private func announced(in rooms: Roomserver) async throws -> String {
        let content: JSONObject = [
            "display_name": "b...@example.org", "public_key": .string(key.verifyKey.base64),
            "key_validity_url": "https://id.org/valid", "public_keys": [["public_key": .string(key.verifyKey.base64)]],
        ]
        return try await rooms.createRoom {
            $0.joinRule = "invite"
            $0.extra = [draft("m.room.third_party_invite", content, state: "token")]
        }
    }

    private func join(_ room: String, signed: JSONObject, in rooms: Roomserver) async throws {
        _ = try await rooms.call(
            ChangeMembership(
                roomID: room, action: .join, sender: bob, target: bob, content: RawJSON(JSONObject()),
                thirdPartySigned: RawJSON(signed)))
    }

    /// Also in the name of one who has gone.
    @Test(arguments: TestDatabase.allCases) func anIdentityServerVouchesForAnInvite(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await announced(in: rooms)
            try await rooms.move(.leave, alice, in: room)
            func invite(_ user: String, signed: JSONObject) async throws -> String? {
                try await rooms.call(
                    ChangeMembership(
                        roomID: room, action: .invite, sender: alice, target: user, content: RawJSON(JSONObject()),
                        thirdPartySigned: RawJSON(signed))
                ).eventID
            }
            let signed = try key.sign(["mxid": .string(bob), "token": "token"], as: "id.org")
            #expect(await refusal { try await invite(carol, signed: signed) } == "M_FORBIDDEN")
            var forged = signed
            forged["mxid"] = .string(carol)
            #expect(await refusal { try await invite(carol, signed: forged) } == "M_FORBIDDEN")
            #expect(try await invite(bob, signed: signed) != nil)
            #expect(try await rooms.membership(of: bob, in: room) == "invite")
            #expect(try await invite(bob, signed: signed) == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoHoldsASignedTokenIsInvitedAndJoins(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await announced(in: rooms)
            let signed = try key.sign(["mxid": .string(bob), "sender": .string(alice), "token": "token"], as: "id.org")
            try await join(room, signed: signed, in: rooms)
            #expect(try await rooms.membership(of: bob, in: room) == "join")
            let invite = try #require(try await rooms.log(of: room).dropLast().last?.event.object)
            #expect(invite["sender"]?.string == alice)
            #expect(invite["content"]?["membership"] == "invite")
            #expect(invite["content"]?["third_party_invite"]?["display_name"] == "b...@example.org")
            let content = try await rooms.call(QueryThirdPartyInvite(roomID: room, token: "token")).content.object
            #expect(content?["key_validity_url"] == "https://id.org/valid")
        }
    }

    @Test func whatIsSignedForOthersOrByOthersLetsNobodyIn() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await announced(in: rooms)
            let other = try SigningKey(id: "ed25519:0", seed: Array(repeating: 2, count: 32))
            for signed in [
                try key.sign(["mxid": .string(carol), "token": "token"], as: "id.org"),
                try key.sign(["mxid": .string(bob), "token": "none"], as: "id.org"),
                try other.sign(["mxid": .string(bob), "token": "token"], as: "id.org"),
                ["mxid": .string(bob), "token": "token"],
            ] {
                #expect(await refusal { try await join(room, signed: signed, in: rooms) } == "M_FORBIDDEN")
            }
            #expect(try await rooms.membership(of: bob, in: room) == "leave")
            #expect(await refusal { try await rooms.call(QueryThirdPartyInvite(roomID: room, token: "none")) } == "M_NOT_FOUND")
        }
    }

    @Test func whoIsBannedIsNotInvitedByAnAddress() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await announced(in: rooms)
            try await rooms.move(.ban, bob, by: alice, in: room)
            let signed = try key.sign(["mxid": .string(bob), "token": "token"], as: "id.org")
            #expect(await refusal { try await join(room, signed: signed, in: rooms) } == "M_FORBIDDEN")
            #expect(try await rooms.membership(of: bob, in: room) == "ban")
        }
    }
}
