import Matrix
import RoomRules

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A room that forks and goes different ways, every event allowed where it was sent.
struct RandomRoom {
    private(set) var events: [String: Event] = [:]
    private(set) var branches: [StateMap] = []
    private let room: ShortRoom
    private var random: SplitMix
    private static let users = ["@creator:a.org", "@alice:a.org", "@bob:b.org", "@carol:c.org", "@dave:d.org"]

    init(version: RoomVersion, seed: UInt64, branches: Int, steps: Int) throws {
        room = ShortRoom(version: version)
        random = SplitMix(state: seed)
        var trunk: StateMap = [:]
        let creator = Self.users[0]
        try send(["id": "$create", "type": "m.room.create", "sender": .string(creator), "state_key": ""], to: &trunk)
        try send(member(creator, creator, "join", ["prev": ["$create"]]), to: &trunk)
        try send(state("m.room.join_rules", creator, ["join_rule": "public"]), to: &trunk)
        var users: JSONObject = ["@alice:a.org": 100, "@bob:b.org": 50]
        if !version.rules.creatorsHaveInfinitePower { users[creator] = 100 }
        try send(state("m.room.power_levels", creator, ["users": .object(users)]), to: &trunk)
        for user in Self.users.dropFirst() { try send(member(user, user, "join"), to: &trunk) }
        for _ in 0..<branches {
            var branch = trunk
            for _ in 0..<steps { try send(anything(in: branch), to: &branch) }
            self.branches.append(branch)
        }
    }

    private mutating func anything(in branch: StateMap) -> JSON {
        let sender = Self.users.randomElement(using: &random) ?? ""
        let target = Self.users.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            var users = branch[StateKey("m.room.power_levels")].flatMap { events[$0]?.content["users"]?.object } ?? [:]
            if !(room.version.rules.creatorsHaveInfinitePower && target == Self.users[0]) {
                users[target] = .integer(Int64.random(in: 0...2, using: &random) * 50)
            }
            return state("m.room.power_levels", sender, ["users": .object(users)])
        case 1: return member(target, sender, "ban")
        case 2: return member(target, sender, "leave")
        case 3: return member(sender, sender, "join")
        case 4: return member(target, sender, "invite")
        case 5: return state("m.room.join_rules", sender, ["join_rule": Bool.random(using: &random) ? "public" : "invite"])
        case 6: return state("m.room.topic", sender, ["topic": .integer(Int64.random(in: 0...99, using: &random))])
        default: return state("org.example.seat", sender, [:], key: sender)
        }
    }

    private func state(_ type: String, _ sender: String, _ content: JSONObject, key: String = "") -> JSON {
        ["type": .string(type), "sender": .string(sender), "state_key": .string(key), "content": .object(content)]
    }

    private func member(_ user: String, _ sender: String, _ membership: String, _ more: JSONObject = [:]) -> JSON {
        let short: JSONObject = [
            "type": "m.room.member", "sender": .string(sender), "state_key": .string(user),
            "content": ["membership": .string(membership)],
        ]
        return .object(short.merging(more))
    }

    /// Adds the event to the branch, if it is allowed there.
    private mutating func send(_ short: JSON, to branch: inout StateMap) throws {
        guard var object = short.object else { return }
        object["id"] = object["id"] ?? .string("$\(events.count)")
        // A few timestamps only, that there be ties.
        object["ts"] = .integer(Int64.random(in: 1...4, using: &random))
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
