import Matrix

/// An answer to `/sync` or `/messages`, as tests look at it.
struct Answer: Sendable {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    var next: String { json["next_batch"]?.string ?? "" }
    var end: String? { json["end"]?.string }
    var chunk: [JSON] { json["chunk"]?.array ?? [] }
    var isEmpty: Bool {
        ["join", "invite", "knock", "leave"].allSatisfy { rooms($0).isEmpty } && accountData.isEmpty
    }
    /// Without the push rules, which everybody has from the start.
    var accountData: [JSON] { (json["account_data"]?["events"]?.array ?? []).filter { $0.type != "m.push_rules" } }

    /// By user, the content.
    var presence: [String: JSON] {
        let events = json["presence"]?["events"]?.array ?? []
        return Dictionary(events.map { ($0["sender"]?.string ?? "", $0["content"] ?? .null) }) { $1 }
    }

    func rooms(_ section: String) -> [String] { json["rooms"]?[section]?.object.map { Array($0.keys) } ?? [] }
    func joined(_ room: String) -> RoomAnswer? { self.room("join", room) }
    func left(_ room: String) -> RoomAnswer? { self.room("leave", room) }
    func invited(_ room: String) -> [JSON]? { json["rooms"]?["invite"]?[room]?["invite_state"]?["events"]?.array }
    private func room(_ section: String, _ room: String) -> RoomAnswer? {
        json["rooms"]?[section]?[room].map { RoomAnswer(json: $0) }
    }
}

/// What an answer says of a room.
struct RoomAnswer: Sendable {
    let json: JSON

    func events(_ part: String) -> [JSON] { json[part]?["events"]?.array ?? [] }
    var timeline: [JSON] { events("timeline") }
    var state: [JSON] { events("state") }
    var isLimited: Bool { json["timeline"]?["limited"]?.bool ?? false }
    var prevBatch: String { json["timeline"]?["prev_batch"]?.string ?? "" }
    var typing: [String]? {
        events("ephemeral").first { $0.type == "m.typing" }?["content"]?["user_ids"]?.array?.compactMap(\.string)
    }
    /// As `event kind user`.
    var receipts: Set<String> {
        var found: Set<String> = []
        for (event, kinds) in events("ephemeral").filter({ $0.type == "m.receipt" }).flatMap({ Array($0["content"]?.object ?? [:]) }) {
            for (kind, users) in kinds.object ?? [:] {
                for user in users.object?.keys.map({ String($0) }) ?? [] { found.insert("\(event) \(kind) \(user)") }
            }
        }
        return found
    }
    /// As `event kind user thread`, of those for threads.
    var threadReceipts: Set<String> {
        var found: Set<String> = []
        for (event, kinds) in events("ephemeral").filter({ $0.type == "m.receipt" }).flatMap({ Array($0["content"]?.object ?? [:]) }) {
            for (kind, users) in kinds.object ?? [:] {
                for (user, data) in users.object ?? [:] {
                    if let thread = data["thread_id"]?.string { found.insert("\(event) \(kind) \(user) \(thread)") }
                }
            }
        }
        return found
    }
    /// The state as the client has it after this answer alone: by type and key, the event's content.
    var stateAfter: [String: JSON] {
        var found: [String: JSON] = [:]
        for event in state + timeline { if let key = event["state_key"]?.string { found["\(event.type) \(key)"] = event["content"] } }
        return found
    }
}

extension JSON {
    var type: String { self["type"]?.string ?? "" }
    var eventID: String { self["event_id"]?.string ?? "" }
    var body: String? { self["content"]?["body"]?.string }
}

extension [JSON] {
    var types: [String] { map(\.type) }
    var ids: [String] { map(\.eventID) }
    var bodies: [String] { compactMap(\.body) }
}
