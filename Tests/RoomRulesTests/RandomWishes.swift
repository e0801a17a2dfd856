import Matrix
import RoomRules

/// What the people of a room may take it into their heads to do, written short.
struct RandomWishes {
    static let users = ["@creator:a.org", "@alice:a.org", "@bob:b.org", "@carol:c.org", "@dave:d.org"]

    let version: RoomVersion
    var random: SplitMix

    /// How every room begins: its creator, what it takes to join, who may do what, and everybody's joining.
    func beginning() -> [JSON] {
        let creator = Self.users[0]
        var users: JSONObject = ["@alice:a.org": 100, "@bob:b.org": 50]
        if !version.rules.creatorsHaveInfinitePower { users[creator] = 100 }
        return [
            ["id": "$create", "type": "m.room.create", "sender": .string(creator), "state_key": "", "prev": []],
            member(creator, creator, "join", ["prev": ["$create"]]),
            state("m.room.join_rules", creator, ["join_rule": "public"]),
            state("m.room.power_levels", creator, ["users": .object(users)]),
        ] + Self.users.dropFirst().map { member($0, $0, "join") }
    }

    /// `levels` are the users' power levels where it is sent.
    mutating func next(levels: JSONObject) -> JSON {
        let sender = Self.users.randomElement(using: &random) ?? ""
        let target = Self.users.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            var users = levels
            if !(version.rules.creatorsHaveInfinitePower && target == Self.users[0]) {
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
}
