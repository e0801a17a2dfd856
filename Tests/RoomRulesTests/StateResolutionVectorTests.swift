import Matrix
import RoomRules
import Testing

/// A state resolution scenario as its room version has it.
struct ResolutionScenario {
    let events: [String: Event]
    let rejected: Set<String>
    let states: [StateMap]
    let resolved: StateMap

    init(_ json: JSON, _ version: RoomVersion) throws {
        let room = ShortRoom(version: version)
        var events: [String: Event] = [:]
        var rejected: Set<String> = []
        for (position, short) in (json["events"]?.array ?? []).enumerated() {
            let event = try room.event(short, position: Int64(position + 1))
            events[event.eventID] = event
            if short["rejected"]?.bool == true { rejected.insert(event.eventID) }
        }
        func state(_ ids: JSON?) throws -> StateMap {
            try (ids?.array ?? []).reduce(into: [:]) { state, id in
                let event = try #require(events[id.string ?? ""], "\(id)")
                state[StateKey(event.type, try #require(event.stateKey))] = event.eventID
            }
        }
        states = try (json["states"]?.array ?? []).map { try state($0) }
        let algorithm = version.rules.stateResolution == .v2_1 ? "2.1" : "2"
        resolved = try state(json["resolved"]?.array == nil ? json["resolved"]?[algorithm] : json["resolved"])
        self.events = events
        self.rejected = rejected
    }

    func resolve(_ states: [StateMap], version: RoomVersion) throws -> StateMap {
        try RoomRules.resolve(
            version: version, stateSets: states, fetch: { events[$0] }, isRejected: { rejected.contains($0) }
        )
    }
}

@Suite struct StateResolutionVectorTests {
    static let files = (try? Vectors.load("state-resolution")) ?? []

    @Test func thereAreVectors() { #expect(Self.files.count >= 20) }

    @Test(arguments: files.map(\.name)) func theStateIsResolvedAsTheVectorsSay(_ name: String) throws {
        let file = try #require(Self.files.first { $0.name == name }).json
        for version in Vectors.versions(file["versions"]) {
            let scenario = try ResolutionScenario(file, version)
            for states in [scenario.states, scenario.states.reversed(), scenario.states + scenario.states] {
                let resolved = try scenario.resolve(states, version: version)
                let about = "\(name), version \(version.rawValue): \(resolved.values.sorted())"
                #expect(resolved == scenario.resolved, "\(about)")
            }
        }
    }
}
