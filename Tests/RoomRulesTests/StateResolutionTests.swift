import Matrix
import RoomRules
import Testing

@Suite struct StateResolutionTests {
    @Test(arguments: RoomVersion.allCases) func anyOrderOfTheSameStatesGivesTheSameState(_ version: RoomVersion) throws {
        for seed in 0..<15 as Range<UInt64> {
            let room = try RandomRoom(version: version, seed: seed, branches: 4, steps: 25)
            let expected = try resolve(version: version, stateSets: room.branches) { room.events[$0] }
            var random = SplitMix(state: seed)
            for _ in 0..<5 {
                let states = room.branches.shuffled(using: &random)
                // An event source may answer in any order, too.
                let source = EventSource(events: { ids in ids.compactMap { room.events[$0] }.reversed() })
                #expect(try resolve(states, version: version, from: source) == expected, "version \(version), seed \(seed)")
            }
        }
    }

    @Test(arguments: RoomVersion.allCases) func everyPlaceHasAnEventThatSomeStateHad(_ version: RoomVersion) throws {
        for seed in 100..<108 as Range<UInt64> {
            let room = try RandomRoom(version: version, seed: seed, branches: 3, steps: 20)
            for (key, id) in try resolve(version: version, stateSets: room.branches, fetch: { room.events[$0] }) {
                let event = try #require(room.events[id])
                #expect(StateKey(event.type, try #require(event.stateKey)) == key)
            }
        }
    }

    @Test func whatAllStatesAgreeOnStays() throws {
        let room = try RandomRoom(version: .v12, seed: 7, branches: 3, steps: 20)
        let resolved = try resolve(version: .v12, stateSets: room.branches) { room.events[$0] }
        for (key, id) in room.branches[0] where room.branches.allSatisfy({ $0[key] == id }) {
            #expect(resolved[key] == id)
        }
    }

    @Test func oneStateResolvesToItselfAndNoneToNothing() throws {
        let state = [StateKey("m.room.create"): "$create"]
        #expect(try resolve(version: .v12, stateSets: [state, state]) { _ in nil } == state)
        #expect(try resolve(version: .v12, stateSets: []) { _ in nil } == [:])
    }

    @Test(arguments: RoomVersion.allCases) func aStateEventThatIsNotKnownIsAnError(_ version: RoomVersion) {
        let states = [[StateKey("m.room.topic"): "$a"], [StateKey("m.room.topic"): "$b"]]
        #expect(throws: MatrixError.self) { try resolve(version: version, stateSets: states) { _ in nil } }
    }

    /// Power levels changed thousands of times, each change resting on the one before: as deep as an auth chain gets.
    @Test(arguments: [RoomVersion.v2, .v12]) func anAuthChainMayBeDeep(_ version: RoomVersion) throws {
        let room = ShortRoom(version: version)
        let deep = 3000
        var events: [String: Event] = [:]
        func add(_ short: JSON, _ position: Int) throws -> Event {
            let event = try room.event(short, position: Int64(position))
            events[event.eventID] = event
            return event
        }
        let creator = "@creator:a.org"
        var trunk: StateMap = [:]
        trunk[StateKey("m.room.create")] = try add(
            ["id": "$create", "type": "m.room.create", "sender": .string(creator), "state_key": ""], 0
        ).eventID
        trunk[StateKey("m.room.member", creator)] = try add(
            [
                "id": "$creator", "type": "m.room.member", "sender": .string(creator), "state_key": .string(creator),
                "content": ["membership": "join"],
            ], 1
        ).eventID
        var branches = [trunk, trunk]
        for position in 2..<deep {
            let branch = position % 2
            let last = branches[branch][StateKey("m.room.power_levels")].map { [JSON.string($0)] } ?? []
            var users: JSONObject = ["@alice:a.org": .integer(Int64(position))]
            if version == .v2 { users[creator] = .integer(.max) }
            let event = try add(
                [
                    "id": .string("$\(position)"), "type": "m.room.power_levels", "sender": .string(creator), "state_key": "",
                    "auth": .array(last + ["$creator"]), "content": ["users": .object(users)],
                ], position
            )
            branches[branch][StateKey("m.room.power_levels")] = event.eventID
        }
        let resolved = try resolve(version: version, stateSets: branches) { events[$0] }
        #expect(resolved[StateKey("m.room.power_levels")] == "$\(deep - 1)")
    }

    /// What is asked of the events' keeper does not grow with the room where only a topic differs.
    @Test func aLargeRoomIsNotReadForASmallConflict() throws {
        let room = ShortRoom(version: .v12)
        var events: [String: Event] = [:]
        var trunk: StateMap = [:]
        func add(_ short: JSON) throws {
            let event = try room.event(short)
            events[event.eventID] = event
            trunk[StateKey(event.type, event.stateKey ?? "")] = event.eventID
        }
        try add(["id": "$create", "type": "m.room.create", "sender": "@creator:a.org", "state_key": ""])
        for number in 0..<1000 {
            let user = number == 0 ? "@creator:a.org" : "@user\(number):a.org"
            try add([
                "id": .string("$member\(number)"), "type": "m.room.member", "sender": .string(user), "state_key": .string(user),
                "content": ["membership": "join"],
            ])
        }
        var branches = [trunk, trunk]
        for branch in 0..<2 {
            try add([
                "id": .string("$topic\(branch)"), "type": "m.room.topic", "sender": "@creator:a.org", "state_key": "",
                "auth": ["$member0"], "ts": .integer(Int64(branch)),
            ])
            branches[branch][StateKey("m.room.topic")] = "$topic\(branch)"
        }
        var asked = 0
        let known = events
        let source = EventSource(events: { ids in
            asked += ids.count
            return ids.compactMap { known[$0] }
        })
        let resolved = try resolve(branches, version: .v12, from: source)
        #expect(resolved[StateKey("m.room.topic")] == "$topic1")
        #expect(asked < 10)
    }
}
