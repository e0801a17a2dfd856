import Matrix
import RoomRules
import Testing

/// A room that forks and goes different ways, every event allowed where it was sent.
struct RandomRoom {
    private(set) var events: [String: Event] = [:]
    private(set) var branches: [StateMap] = []
    private let room: ShortRoom
    private var wishes: RandomWishes

    init(version: RoomVersion, seed: UInt64, branches: Int, steps: Int) throws {
        room = ShortRoom(version: version)
        wishes = RandomWishes(version: version, random: SplitMix(state: seed))
        var trunk: StateMap = [:]
        for short in wishes.beginning() { try send(short, to: &trunk) }
        try #require(events.count == wishes.beginning().count, "the room could not begin")
        for _ in 0..<branches {
            var branch = trunk
            for _ in 0..<steps {
                let levels = branch[StateKey("m.room.power_levels")].flatMap { events[$0]?.content["users"]?.object }
                try send(wishes.next(levels: levels ?? [:]), to: &branch)
            }
            self.branches.append(branch)
        }
    }

    /// Adds the event to the branch, if it is allowed there.
    private mutating func send(_ short: JSON, to branch: inout StateMap) throws {
        guard var object = short.object else { return }
        object["id"] = object["id"] ?? .string("$\(events.count)")
        // A few timestamps only, that there be ties.
        object["ts"] = .integer(Int64.random(in: 1...4, using: &wishes.random))
        let draft = try room.event(.object(object))
        let auth = authEventKeys(for: draft).compactMap { branch[$0] }
        object["auth"] = .array(auth.map(JSON.string))
        object["exact"] = draft.type == "m.room.create" ? nil : true
        let event = try room.event(.object(object), position: Int64(events.count + 1))
        let known = events
        guard
            try reasonForRefusal({ try authorize(event, against: { branch[StateKey($0, $1)].flatMap { known[$0] } }) }) == nil
        else { return }
        events[event.eventID] = event
        branch[StateKey(event.type, event.stateKey ?? "")] = event.eventID
    }
}
