import Contracts
import Matrix
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite struct UpgradeTests {
    @Test(arguments: TestDatabase.allCases) func aRoomAndWhatReplacesItNameEachOther(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            for (from, to) in [("1", "2"), ("10", "11"), ("11", "12"), ("12", "12"), ("12", "11")] {
                let old = try await rooms.createRoom { $0.version = from }
                let new = try await rooms.upgrade(old, to: to)
                let create = try await rooms.state("m.room.create", in: new)
                #expect(create["content"]?["room_version"]?.string == to)
                #expect(create["content"]?["predecessor"]?["room_id"]?.string == old)
                let tombstone = try await rooms.state("m.room.tombstone", in: old)
                #expect(tombstone["content"]?["replacement_room"]?.string == new)
                if to != "12" { #expect(create["content"]?["predecessor"]?["event_id"] == tombstone["event_id"]) }
                #expect(try await rooms.membership(of: alice, in: new) == "join")
                let log = try await rooms.log(of: old)
                #expect(log.dropFirst(5).first?.event.object?["type"] == "m.room.tombstone")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatCanBeTakenAlongIs(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let levels: JSONObject = ["users": [alice: 100, bob: 50], "events": ["m.room.name": 50]]
            let old = try await rooms.createRoom {
                $0.version = "9"
                $0.levels = levels
                $0.alias = "#old:example.org"
                $0.published = true
                $0.creationContent = ["type": "m.space", "m.federate": false]
                $0.extra = [
                    draft("m.room.name", ["name": "N"], state: ""), draft("m.room.topic", ["topic": "T"], state: ""),
                    draft("m.room.encryption", ["algorithm": "m.megolm.v1.aes-sha2"], state: ""),
                    draft("org.example.mine", ["x": 1], state: ""),
                    draft("m.room.member", ["membership": "ban", "reason": "spam"], state: carol),
                    draft("m.space.child", ["via": ["example.org"]], state: "!child:example.org"),
                    draft("m.space.child", [:], state: "!gone:example.org"),
                ]
            }
            let alias: JSONObject = ["alias": "#old:example.org"]
            try await rooms.send(draft("m.room.canonical_alias", alias, state: ""), to: old)
            let new = try await rooms.upgrade(old, to: "10")
            for (type, content) in [
                ("m.room.name", ["name": "N"]), ("m.room.topic", ["topic": "T"]), ("m.room.canonical_alias", alias),
                ("m.room.encryption", ["algorithm": "m.megolm.v1.aes-sha2"]), ("m.room.join_rules", ["join_rule": "public"]),
                ("m.room.history_visibility", ["history_visibility": "shared"]), ("m.room.power_levels", levels),
            ] as [(String, JSONObject)] {
                #expect(try await rooms.state(type, in: new)["content"]?.object == content, "\(type)")
            }
            #expect(await refusal { try await rooms.state("org.example.mine", in: new) } == "M_NOT_FOUND")
            #expect(try await rooms.state("m.room.member", carol, in: new)["content"]?["reason"] == "spam")
            #expect(try await rooms.state("m.space.child", "!child:example.org", in: new)["content"]?["via"] == ["example.org"])
            #expect(await refusal { try await rooms.state("m.space.child", "!gone:example.org", in: new) } == "M_NOT_FOUND")
            let create = try await rooms.state("m.room.create", in: new)["content"]
            #expect(create?["type"] == "m.space")
            #expect(create?["m.federate"] == false)
            #expect(try await rooms.room(named: "#old:example.org") == new)
            #expect(try await rooms.state("m.room.canonical_alias", in: old)["content"]?.object == [:])
            #expect(try await rooms.listed().chunk.map(\.roomID) == [new])
        }
    }

    @Test func theOldRoomIsClosedAsFarAsTheUserMay() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let old = try await rooms.createRoom { $0.version = "10" }
            try await rooms.upgrade(old, to: "11")
            let levels = try await rooms.state("m.room.power_levels", in: old)["content"]
            #expect(levels?["events_default"] == 50)
            #expect(levels?["invite"] == 50)

            let moderated: JSONObject = [
                "users": [alice: 100, bob: 50], "users_default": 0, "invite": 0,
                "events": ["m.room.tombstone": 50, "m.room.power_levels": 100],
            ]
            let other = try await rooms.createRoom {
                $0.version = "10"
                $0.levels = moderated
            }
            try await rooms.move(.join, bob, in: other)
            let new = try await rooms.upgrade(other, to: "11", by: bob)
            #expect(try await rooms.state("m.room.power_levels", in: other)["content"]?.object == moderated)
            #expect(try await rooms.state("m.room.power_levels", in: new, asSeenBy: bob)["content"]?.object == moderated)
        }
    }

    @Test func whoMayNotSendTheTombstoneMayNotUpgrade() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let old = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: old)
            #expect(await refusal { try await rooms.upgrade(old, to: "12", by: bob) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.upgrade(old, to: "12", by: carol) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.upgrade(old, to: "99") } == "M_UNSUPPORTED_ROOM_VERSION")
            #expect(await refusal { try await rooms.upgrade("!none:example.org", to: "12") } == "M_NOT_FOUND")
            let own: JSONObject = ["replacement_room": .string(old)]
            #expect(await refusal { try await rooms.send(draft("m.room.tombstone", own), to: old) } == "M_INVALID_PARAM")
        }
    }

    @Test func creatorsStandAboveTheLevelsFromVersion12On() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let old = try await rooms.createRoom { $0.version = "11" }
            let new = try await rooms.upgrade(old, to: "12", creators: [bob])
            let create = try await rooms.state("m.room.create", in: new)["content"]
            #expect(create?["additional_creators"] == [.string(bob)])
            #expect(try await rooms.state("m.room.power_levels", in: new)["content"]?["users"]?.object == [:])
            // Those of the old room are not creators of the next by themselves.
            let third = try await rooms.upgrade(new, to: "12")
            #expect(try await rooms.state("m.room.create", in: third)["content"]?["additional_creators"] == nil)
            let back = try await rooms.upgrade(third, to: "11")
            let users = try await rooms.state("m.room.power_levels", in: back)["content"]?["users"]
            #expect(users?[alice] == 100)
        }
    }

    @Test(arguments: TestDatabase.allCases) func anUpgradeSentAgainMakesNoSecondRoom(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let old = try await rooms.createRoom()
            let new = try await rooms.upgrade(old, to: "12", key: "one")
            #expect(try await rooms.upgrade(old, to: "12", key: "one") == new)
            #expect(try await rooms.joinedRooms(of: alice).count == 2)
        }
    }
}

extension RoomserverAPI {
    @discardableResult
    fileprivate func upgrade(
        _ room: String, to version: String, by user: String = alice, creators: [String] = [], key: String? = nil
    ) async throws -> String {
        try await call(
            UpgradeRoom(
                key: key ?? "\(room) \(version)", roomID: room, userID: user, version: version, additionalCreators: creators)
        ).replacementRoom
    }
}
