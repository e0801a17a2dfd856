import Matrix
import RoomRules
import Testing

@Suite struct PowerLevelsTests {
    private func levels(_ content: JSONObject?, _ version: RoomVersion = .v11, create: JSONObject = [:]) throws -> PowerLevels {
        let create = try ShortRoom(version: version).event([
            "id": "$create", "type": "m.room.create", "sender": "@creator:a.org", "state_key": "", "content": .object(create),
        ])
        return PowerLevels(content: content, creators: Creators(of: create), version: version)
    }

    @Test func withoutAnEventTheDefaultsHold() throws {
        let levels = try levels(nil)
        #expect(levels.level(of: "@creator:a.org") == 100)
        #expect(levels.level(of: "@bob:b.org") == 0)
        #expect(levels.required(for: "m.room.topic", isState: true) == 50)
        #expect(levels.required(for: "m.room.message", isState: false) == 0)
        #expect([levels.ban, levels.kick, levels.redact] == [50, 50, 50])
        #expect(levels.invite == 0)
        #expect(levels.required(toNotify: "room") == 50)
    }

    @Test func whatTheEventSaysHolds() throws {
        let levels = try levels([
            "users": ["@bob:b.org": 7], "users_default": 3, "events": ["m.room.topic": 9], "state_default": 60,
            "events_default": 1, "notifications": ["room": 20], "invite": 5,
        ])
        #expect(levels.level(of: "@bob:b.org") == 7)
        #expect(levels.level(of: "@creator:a.org") == 3)
        #expect(levels.required(for: "m.room.topic", isState: true) == 9)
        #expect(levels.required(for: "m.room.name", isState: true) == 60)
        #expect(levels.required(for: "m.room.message", isState: false) == 1)
        #expect(levels.required(toNotify: "room") == 20)
        #expect(levels.invite == 5)
    }

    @Test func creatorsOfVersion12AreAboveAll() throws {
        let levels = try levels(["users": [:]], .v12, create: ["additional_creators": ["@second:b.org"]])
        #expect(levels.level(of: "@creator:a.org") == .infinite)
        #expect(levels.level(of: "@second:b.org") == .infinite)
        #expect(levels.level(of: "@bob:b.org") == 0)
        #expect(PowerLevel.infinite > .value(.max))
    }

    @Test(arguments: [
        (JSON.string("50"), Int64(50)), ("  0050\n", 50), ("+50", 50), ("-50", -50), (.double(50.9), 50), (.double(-50.9), -50),
        (.double(1e300), Int64.max), ("99999999999999999999", .max), ("-99999999999999999999", .min),
    ])
    func olderVersionsWriteLevelsInOtherWays(_ json: JSON, _ level: Int64) throws {
        #expect(try levels(["ban": json], .v5).ban == .value(level))
        #expect(try levels(["ban": json], .v10).ban == 50)
    }

    @Test(arguments: [JSON.string(""), "+", "1.5", "1_000", "5e1", "0x10", "٥", "- 5", .bool(true), .null, .double(.infinity)])
    func whatIsNoLevelCountsAsNotSaid(_ json: JSON) throws {
        #expect(try levels(["ban": json], .v5).ban == 50)
    }

    @Test func version6ToVersion9HaveNoFloats() throws {
        #expect(try levels(["ban": .double(70.5)], .v9).ban == 50)
        #expect(try levels(["ban": "70"], .v9).ban == 70)
    }

    @Test(arguments: RoomVersion.allCases) func aNewRoomsLevelsAreAllowed(_ version: RoomVersion) throws {
        let room = ShortRoom(version: version)
        let creator = "@creator:a.org"
        let state: [StateKey: Event] = [
            StateKey("m.room.create"): try room.event([
                "id": "$create", "type": "m.room.create", "sender": .string(creator), "state_key": "",
            ]),
            StateKey("m.room.member", creator): try room.event([
                "type": "m.room.member", "sender": .string(creator), "state_key": .string(creator),
                "content": ["membership": "join"],
            ]),
        ]
        let event = try room.event([
            "type": "m.room.power_levels", "sender": .string(creator), "state_key": "",
            "content": .object(PowerLevels.initialContent(creator: creator, version: version)),
        ])
        try authorize(event, against: { state[StateKey($0, $1)] })
    }
}
