import Matrix
import RoomRules
import Testing

/// What holds of state resolution in any room, tried in hundreds that forked at random: power levels, bans, kicks, joins and join
/// rules against each other.
@Suite struct StateResolutionPropertyTests {
    /// One version for each algorithm would do; the others differ in what the rules allow.
    private static let rooms: [(RoomVersion, Range<UInt64>)] = [
        (.v1, 0..<60), (.v2, 0..<60), (.v6, 60..<100), (.v10, 100..<140), (.v11, 140..<180), (.v12, 0..<100),
    ]

    @Test(arguments: rooms) func serversThatHearOfTheSameEventsInDifferentOrdersAgree(
        _ version: RoomVersion, _ seeds: Range<UInt64>
    ) throws {
        for seed in seeds {
            let graph = try RandomGraph(version: version, seed: seed, steps: 36)
            var random = SplitMix(state: seed)
            var first = SimulatedServer(version: version, seed: 1)
            for event in graph.events { try first.receive(event) }
            let end = try first.state(after: graph.ends)
            for order in 2..<4 as Range<UInt64> {
                var other = SimulatedServer(version: version, seed: order)
                for event in graph.events.shuffled(using: &random) { try other.receive(event) }
                #expect(other.events.count == graph.events.count)
                #expect(other.rejected == first.rejected, "version \(version), seed \(seed)")
                for event in graph.events where other.before[event.eventID] != first.before[event.eventID] {
                    Issue.record("version \(version), seed \(seed): the state before \(event) depends on the order")
                }
                #expect(try other.state(after: graph.ends) == end, "version \(version), seed \(seed)")
            }
        }
    }

    /// Each input stands for a server's view: that one of them has already seen the outcome changes nothing.
    @Test(arguments: rooms) func resolvingTwiceChangesNothing(_ version: RoomVersion, _ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let room = try RandomRoom(version: version, seed: seed, branches: 2 + Int(seed % 3), steps: 14)
            func resolved(_ states: [StateMap]) throws -> StateMap { try resolve(version: version, stateSets: states) { room.events[$0] } }
            let once = try resolved(room.branches)
            #expect(try resolved([once]) == once)
            #expect(try resolved([once, once]) == once)
            #expect(try resolved(room.branches.reversed()) == once)
            #expect(try resolved(room.branches + room.branches) == once, "version \(version), seed \(seed)")
            #expect(try resolved(room.branches + [once]) == once, "version \(version), seed \(seed)")
            #expect(try resolved([once] + room.branches.reversed()) == once, "version \(version), seed \(seed)")
        }
    }

    /// Nobody has more power in the outcome than one of the states gave them, and who is banned in all is banned.
    @Test(arguments: rooms) func nothingIsWonByForking(_ version: RoomVersion, _ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let room = try RandomRoom(version: version, seed: seed &+ 1000, branches: 3, steps: 14)
            let outcome = try resolve(version: version, stateSets: room.branches) { room.events[$0] }
            func levels(_ state: StateMap) -> PowerLevels {
                PowerLevels(
                    state[StateKey("m.room.power_levels")].flatMap { room.events[$0] },
                    create: state[StateKey("m.room.create")].flatMap { room.events[$0] }, version: version)
            }
            func isBanned(_ user: String, _ state: StateMap) -> Bool {
                state[StateKey("m.room.member", user)].flatMap { room.events[$0] }?.membership == "ban"
            }
            for user in RandomWishes.users {
                let known = Set(room.events.values.filter { $0.isState("m.room.power_levels") }.map {
                    PowerLevels($0, create: room.events["$create"], version: version).level(of: user)
                })
                #expect(known.contains(levels(outcome).level(of: user)), "version \(version), seed \(seed)")
                let bans = Set(room.branches.map { $0[StateKey("m.room.member", user)] })
                if bans.count == 1, room.branches.allSatisfy({ isBanned(user, $0) }) { #expect(isBanned(user, outcome)) }
            }
        }
    }
}
