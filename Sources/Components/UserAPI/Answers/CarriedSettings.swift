import Contracts
import InternalAPI
import Matrix

extension UserServer {
    public func call(_ call: CarryRoomSettings) async throws -> Done {
        let (userID, old, new) = (call.userID, call.from, call.to)
        let tags = try await database.query { tx in
            try AccountDataTable.content(of: userID, roomID: old, type: "m.tag", in: tx)
        }
        if let tags = try tags.map({ try RawJSON(validating: $0) }) {
            try await change("m.tag", of: userID, roomID: new) { $0 == nil ? tags : nil }
        }
        try await change("m.direct", of: userID, roomID: nil) { $0?.object?.namingDirectChat(new, whereIt: old).map { RawJSON($0) } }
        try await change("m.push_rules", of: userID, roomID: nil) {
            $0?.object?.withPushRule(of: old, alsoFor: new).map { RawJSON($0) }
        }
        return Done()
    }
}

extension JSONObject {
    /// The content of `m.direct` with a room beside another, for everybody with whom that is a direct chat; nil where
    /// nothing is new.
    /// [m.direct](https://spec.matrix.org/v1.19/client-server-api/#mdirect)
    fileprivate func namingDirectChat(_ new: String, whereIt old: String) -> JSONObject? {
        var direct = self
        for (user, rooms) in self {
            guard let rooms = rooms.array, rooms.contains(.string(old)), !rooms.contains(.string(new)) else { continue }
            direct[user] = .array(rooms + [.string(new)])
        }
        return direct == self ? nil : direct
    }

    /// The content of `m.push_rules` with the rule that a room has for another too; nil where nothing is new.
    /// [Push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules)
    fileprivate func withPushRule(of old: String, alsoFor new: String) -> JSONObject? {
        var global = self["global"]?.object ?? [:]
        let rules = global["room"]?.array ?? []
        guard var rule = rules.first(where: { $0["rule_id"]?.string == old })?.object,
            !rules.contains(where: { $0["rule_id"]?.string == new })
        else { return nil }
        rule["rule_id"] = .string(new)
        global["room"] = .array(rules + [.object(rule)])
        var whole = self
        whole["global"] = .object(global)
        return whole
    }
}
