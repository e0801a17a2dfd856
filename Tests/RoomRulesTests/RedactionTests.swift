import Matrix
import RoomRules
import Testing

@Suite struct RedactionTests {
    private let contents: [String: JSONObject] = [
        "m.room.member": [
            "membership": "join", "displayname": "x", "join_authorised_via_users_server": "@a:b",
            "third_party_invite": ["display_name": "x", "signed": ["token": "t"]],
        ],
        "m.room.create": ["creator": "@a:b", "room_version": "1"],
        "m.room.join_rules": ["join_rule": "restricted", "allow": [], "x": 1],
        "m.room.power_levels": [
            "ban": 1, "events": [:], "events_default": 1, "invite": 1, "kick": 1, "redact": 1, "state_default": 1, "users": [:],
            "users_default": 1, "notifications": [:],
        ],
        "m.room.aliases": ["aliases": [], "x": 1],
        "m.room.history_visibility": ["history_visibility": "shared", "x": 1],
        "m.room.redaction": ["redacts": "$x", "reason": "y"],
        "m.room.message": ["body": "x"],
    ]

    private func left(of type: String, _ version: RoomVersion) throws -> [String] {
        let event: JSONObject = [
            "type": .string(type), "content": .object(contents[type] ?? [:]), "sender": "@a:b", "room_id": "!r:b", "depth": 1,
            "origin_server_ts": 1, "prev_events": [], "auth_events": [], "event_id": "$e:b", "state_key": "", "hashes": [:],
            "signatures": [:],
        ]
        return try redacted(Event(parsing: event.serialized(), version: version, eventID: "$e:b")).content.keys
    }

    @Test(arguments: RoomVersion.allCases)
    func contentKeepsWhatItsVersionSays(_ version: RoomVersion) throws {
        let number = try #require(Int(version.rawValue))
        #expect(try left(of: "m.room.message", version) == [])
        var member = ["membership"]
        if number >= 9 { member.insert("join_authorised_via_users_server", at: 0) }
        if number >= 11 { member.append("third_party_invite") }
        #expect(try left(of: "m.room.member", version) == member)
        #expect(try left(of: "m.room.create", version) == (number >= 11 ? ["creator", "room_version"] : ["creator"]))
        #expect(try left(of: "m.room.join_rules", version) == (number >= 8 ? ["allow", "join_rule"] : ["join_rule"]))
        #expect(try left(of: "m.room.aliases", version) == (number <= 5 ? ["aliases"] : []))
        #expect(try left(of: "m.room.history_visibility", version) == ["history_visibility"])
        #expect(try left(of: "m.room.redaction", version) == (number >= 11 ? ["redacts"] : []))
        let levels = ["ban", "events", "events_default", "invite", "kick", "redact", "state_default", "users", "users_default"]
        #expect(try left(of: "m.room.power_levels", version) == levels.filter { number >= 11 || $0 != "invite" })
    }

    @Test func onlyTheSignedPartOfAThirdPartyInviteStays() throws {
        let content: JSONObject = ["membership": "invite", "third_party_invite": ["display_name": "x", "signed": ["token": "t"]]]
        func redact(_ content: JSONObject) throws -> JSONObject {
            let event: JSONObject = [
                "type": "m.room.member", "content": .object(content), "sender": "@a:b", "room_id": "!r:b", "depth": 1,
                "origin_server_ts": 1, "prev_events": [], "auth_events": [], "state_key": "@c:d",
            ]
            return try Event(parsing: event.serialized(), version: .v11).redacted().content
        }
        #expect(try redact(content) == ["membership": "invite", "third_party_invite": ["signed": ["token": "t"]]])
        #expect(try redact(["membership": "invite", "third_party_invite": "x"]) == ["membership": "invite"])
        #expect(try redact(["membership": "invite", "third_party_invite": [:]]) == ["membership": "invite", "third_party_invite": [:]])
    }

    @Test func theTopKeepsWhatItsVersionSays() throws {
        let kept = [
            "auth_events", "content", "depth", "event_id", "hashes", "origin_server_ts", "prev_events", "room_id", "sender",
            "signatures", "state_key", "type",
        ]
        let old = ["membership", "origin", "prev_state"]
        var event: JSONObject = [
            "type": "x", "content": [:], "sender": "@a:b", "room_id": "!r:b", "depth": 1, "origin_server_ts": 1, "prev_events": [],
            "auth_events": [],
        ]
        for key in ["event_id", "hashes", "signatures", "state_key", "unsigned", "redacts", "x"] + old { event[key] = "$s:b" }
        for version in RoomVersion.allCases {
            let left = try Event(parsing: event.serialized(), version: version).redacted().object.keys
            let expected = version.rules.redaction.keepsOriginMembershipAndPrevState ? (kept + old).sorted() : kept
            #expect(left == expected)
        }
    }
}
