import Matrix
import RoomRules
import Testing

@Suite struct ThirdPartyInviteTests {
    private let key: SigningKey

    init() throws { key = try SigningKey(id: "ed25519:0", seed: Array(repeating: 1, count: 32)) }

    private func signed(by key: SigningKey) throws -> JSON {
        .object(try key.sign(["mxid": "@bob:b.org", "token": "t"], as: "id.org"))
    }

    private func refusal(
        signed: JSON, announcement: JSONObject, sender: String = "@alice:a.org", version: RoomVersion, bob: String? = nil
    ) throws -> String? {
        let room = ShortRoom(version: version)
        var state: [StateKey: Event] = [:]
        state[StateKey("m.room.create")] = try room.event([
            "id": "$create", "type": "m.room.create", "sender": "@alice:a.org", "state_key": "",
        ])
        state[StateKey("m.room.third_party_invite", "t")] = try room.event([
            "type": "m.room.third_party_invite", "sender": "@alice:a.org", "state_key": "t", "content": .object(announcement),
        ])
        if let bob {
            state[StateKey("m.room.member", "@bob:b.org")] = try room.event([
                "type": "m.room.member", "sender": "@alice:a.org", "state_key": "@bob:b.org",
                "content": ["membership": .string(bob)],
            ])
        }
        let invite = try room.event([
            "type": "m.room.member", "sender": .string(sender), "state_key": "@bob:b.org",
            "content": ["membership": "invite", "third_party_invite": ["signed": signed]],
        ])
        return try reasonForRefusal { try authorize(invite, against: { state[StateKey($0, $1)] }) }
    }

    private var publicKey: JSON { .string(key.verifyKey.base64) }

    @Test(arguments: RoomVersion.allCases) func anInviteSignedWithAnAnnouncedKeyIsAllowed(_ version: RoomVersion) throws {
        let signed = try signed(by: key)
        #expect(try refusal(signed: signed, announcement: ["public_key": publicKey], version: version) == nil)
        let listed: JSONObject = ["public_key": "AAAA", "public_keys": [["public_key": "no key"], ["public_key": publicKey]]]
        #expect(try refusal(signed: signed, announcement: listed, version: version) == nil)
    }

    @Test func anInviteSignedWithAnotherKeyIsRefused() throws {
        let signed = try signed(by: SigningKey(id: "ed25519:0", seed: Array(repeating: 2, count: 32)))
        let reason = try refusal(signed: signed, announcement: ["public_key": publicKey], version: .v11)
        #expect(reason?.contains("no valid signature") == true)
    }

    @Test func onlyWhoAnnouncedAnInviteMakesIt() throws {
        let reason = try refusal(
            signed: try signed(by: key), announcement: ["public_key": publicKey], sender: "@carol:a.org", version: .v11
        )
        #expect(reason?.contains("by somebody else") == true)
    }

    @Test func aBannedUserIsNotInvited() throws {
        let reason = try refusal(
            signed: try signed(by: key), announcement: ["public_key": publicKey], version: .v11, bob: "ban"
        )
        #expect(reason?.contains("banned") == true)
    }

    @Test func theTrialOfSignaturesIsBounded() throws {
        let wrong = JSON.string(Base64.encode([UInt8](repeating: 1, count: 64)))
        let signatures = JSONObject((0..<300).map { ("ed25519:\($0 + 100)", wrong) })
        var signed = try #require(try signed(by: key).object)
        signed["signatures"] = ["a.org": .object(signatures), "id.org": signed["signatures"]?["id.org"] ?? [:]]
        let reason = try refusal(signed: .object(signed), announcement: ["public_key": publicKey], version: .v11)
        #expect(reason?.contains("no valid signature") == true)
    }
}
