import Matrix
import RoomRules
import Testing

@Suite struct AuthVectorTests {
    static let files = (try? Vectors.load("auth")) ?? []

    @Test func thereAreVectors() { #expect(Self.files.count >= 10) }

    @Test(arguments: files.map(\.name)) func theRulesDecideAsTheVectorsSay(_ name: String) throws {
        let file = try #require(Self.files.first { $0.name == name }).json
        for version in Vectors.versions(file["versions"]) {
            let cases = try #require(file["cases"]?.array)
            for scenario in cases where scenario["versions"].map({ Vectors.versions($0).contains(version) }) ?? true {
                try check(scenario, state: file["state"]?.array ?? [], in: ShortRoom(version: version))
            }
        }
    }

    private func check(_ scenario: JSON, state: [JSON], in room: ShortRoom) throws {
        let without = (scenario["without"]?.array ?? []).compactMap(\.string)
        var byPlace: [StateKey: Event] = [:]
        for short in state + (scenario["state"]?.array ?? []) where !without.contains(short["type"]?.string ?? "") {
            byPlace[StateKey(short["type"]?.string ?? "", short["state_key"]?.string ?? "")] = try room.event(short)
        }
        let event = try room.event(try #require(scenario["event"]))
        let isSigned = scenario["unsigned"]?.bool != true

        let reason = try reasonForRefusal {
            try authorize(event, against: { byPlace[StateKey($0, $1)] }, signed: { _ in isSigned })
        }
        let fact = "\(scenario["fact"]?.string ?? "") (version \(room.version.rawValue))"
        if scenario["allowed"]?.bool == true {
            #expect(reason == nil, "\(fact)")
        } else {
            let expected = try #require(scenario["reason"]?.string, "\(fact)")
            #expect(reason?.contains(expected) ?? false, "\(fact): \(reason ?? "allowed")")
        }
    }
}
