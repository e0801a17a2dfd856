import Matrix
import RoomRules
import Testing

/// A room in which everybody writes after what they happen to have seen: forks at every step, which meet again or do not. Some of its
/// events are not allowed where they stand, or rest on what they should not.
struct RandomGraph {
    /// In the order in which they were sent.
    private(set) var events: [Event] = []
    /// Those that nothing follows.
    private(set) var ends: [String] = []

    init(version: RoomVersion, seed: UInt64, steps: Int) throws {
        let room = ShortRoom(version: version)
        var wishes = RandomWishes(version: version, random: SplitMix(state: seed))
        var server = SimulatedServer(version: version, seed: seed)
        var hasBegun = false

        func send(_ short: JSON, after previous: [String]) throws -> Bool {
            guard var object = short.object else { return false }
            let state = try server.state(after: previous)
            object["id"] = object["id"] ?? .string("$\(events.count)")
            object["ts"] = .integer(Int64.random(in: 1...4, using: &wishes.random))
            object["prev"] = .array(previous.map(JSON.string))
            object["depth"] = .integer((previous.compactMap { server.events[$0]?.depth }.max() ?? 0) + 1)
            let draft = try room.event(.object(object))
            var auth = authEventKeys(for: draft).compactMap { state[$0] }
            // Now and then somebody leaves out what speaks against them.
            if hasBegun, Int.random(in: 0..<12, using: &wishes.random) == 0 { auth = auth.shuffled(using: &wishes.random).dropLast() }
            object["auth"] = .array(auth.map(JSON.string))
            object["exact"] = draft.type == "m.room.create" ? nil : true
            let event = try room.event(.object(object))
            var trial = server
            try trial.receive(event)
            // Of what is not allowed a little is sent all the same.
            let isRefused = trial.rejected.contains(event.eventID)
            guard !isRefused || Int.random(in: 0..<5, using: &wishes.random) == 0 else { return false }
            server = trial
            events.append(event)
            ends = ends.filter { !previous.contains($0) } + [event.eventID]
            return true
        }

        for short in wishes.beginning() { _ = try send(short, after: events.last.map { [$0.eventID] } ?? []) }
        try #require(events.count == wishes.beginning().count, "the room could not begin")
        hasBegun = true
        while events.count < steps {
            let recent = events.suffix(8).map(\.eventID)
            let count = [1, 1, 1, 2, 2, 3].randomElement(using: &wishes.random) ?? 1
            let previous = Array(recent.shuffled(using: &wishes.random).prefix(count))
            let levels = try server.state(after: previous)[StateKey("m.room.power_levels")].flatMap { server.events[$0]?.content["users"]?.object }
            _ = try send(wishes.next(levels: levels ?? [:]), after: previous)
        }
    }
}
