import Matrix
import RoomRules

/// A room of one version with an event of every type that something knows about.
struct SeedRoom {
    static let creator = "@a:b"
    static let key: SigningKey? = try? SigningKey(id: "ed25519:1", seed: Array(repeating: 7, count: 32))

    private(set) var events: [Event] = []
    /// What is in force.
    private(set) var state: [StateKey: Event] = [:]
    private let version: RoomVersion
    private var roomID: String?

    init(version: RoomVersion) throws {
        self.version = version
        roomID = version.rules.roomIDIsCreateHash ? nil : "!r:b"
        let creation: JSONObject = version.rules.createNamesCreator ? ["creator": "@a:b"] : [:]
        try add("m.room.create", "", creation.merging(["room_version": .string(version.string), "m.federate": true]))
        roomID = events.first?.roomID
        try add("m.room.member", Self.creator, ["membership": "join", "displayname": "A"])
        try add("m.room.power_levels", "", PowerLevels.initialContent(creator: Self.creator, version: version))
        try add("m.room.join_rules", "", ["join_rule": "restricted", "allow": [["type": "m.room_membership", "room_id": "!x:y"]]])
        try add("m.room.history_visibility", "", ["history_visibility": "shared"])
        try add("m.room.third_party_invite", "token", [
            "display_name": "x", "key_validity_url": "https://b", "public_key": "wJ5DfNbLYxVHLqzCSVQsJ7Wc8vGsV4YWHvJ7VJ7Wc8s",
        ])
        try add("m.room.member", "@c:d", [
            "membership": "invite",
            "third_party_invite": ["display_name": "x", "signed": ["mxid": "@c:d", "token": "token", "signatures": ["b": ["ed25519:0": "AA"]]]],
        ])
        try add("m.room.member", "@e:f", ["membership": "join", "join_authorised_via_users_server": "@a:b"], from: "@e:f")
        try add("m.room.aliases", "b", ["aliases": ["#x:b"]])
        try add("m.room.server_acl", "", ["allow": ["*"], "deny": ["evil.example"]])
        try add("m.room.message", nil, ["msgtype": "m.text", "body": "h\u{E9}llo \u{1F600}", "m.relates_to": ["event_id": "$x"]])
        try add("m.room.redaction", nil, ["reason": "r"], redacts: "$x:b")
    }

    private mutating func add(
        _ type: String, _ stateKey: String?, _ content: JSONObject, redacts: String? = nil, from sender: String = creator
    ) throws {
        guard let key = Self.key else { throw Finding("no key") }
        let builder = EventBuilder(
            type: type, stateKey: stateKey, sender: sender, roomID: roomID, content: content, redacts: redacts,
            prevEvents: events.suffix(1).map(\.eventID), authEvents: events.prefix(2).map(\.eventID), depth: Int64(events.count + 1),
            originServerTS: 1_700_000_000_000, unsigned: ["age": 1])
        let event = try builder.build(version: version, signing: key, serverName: "b")
        events.append(event)
        if let stateKey { state[StateKey(type, stateKey)] = event }
    }
}
