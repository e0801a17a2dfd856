import Matrix
import RoomRules
import Testing

@Suite struct AuthEventsTests {
    private static let join: JSONObject = ["membership": "join"]

    private func keys(
        _ type: String, _ stateKey: String? = nil, _ content: JSONObject = [:], _ version: RoomVersion = .v11
    ) -> Set<StateKey> {
        Set(authEventKeys(type: type, sender: "@a:a", stateKey: stateKey, content: content, version: version))
    }

    private let create = StateKey("m.room.create")
    private let levels = StateKey("m.room.power_levels")
    private let sender = StateKey("m.room.member", "@a:a")
    private let rules = StateKey("m.room.join_rules")

    @Test func aCreateEventRestsOnNothing() { #expect(keys("m.room.create", "").isEmpty) }

    @Test func aMessageRestsOnTheSenderAndTheLevels() { #expect(keys("m.room.message") == [create, levels, sender]) }

    @Test func fromVersion12OnTheCreateEventIsImplied() {
        #expect(keys("m.room.message", nil, [:], .v12) == [levels, sender])
    }

    @Test func aJoinRestsOnTheJoinRules() {
        #expect(keys("m.room.member", "@a:a", Self.join) == [create, levels, sender, rules])
    }

    @Test func aLeaveDoesNotRestOnTheJoinRules() {
        #expect(
            keys("m.room.member", "@b:b", ["membership": "leave"]) == [create, levels, sender, StateKey("m.room.member", "@b:b")]
        )
    }

    @Test func aThirdPartyInviteRestsOnItsAnnouncement() {
        let content: JSONObject = ["membership": "invite", "third_party_invite": ["signed": ["token": "t"]]]
        let expected: Set = [
            create, levels, sender, rules, StateKey("m.room.member", "@b:b"), StateKey("m.room.third_party_invite", "t"),
        ]
        #expect(keys("m.room.member", "@b:b", content) == expected)
    }

    @Test func anAuthorisedJoinRestsOnWhoAuthorisedIt() {
        let content: JSONObject = ["membership": "join", "join_authorised_via_users_server": "@c:c"]
        #expect(keys("m.room.member", "@a:a", content).contains(StateKey("m.room.member", "@c:c")))
        #expect(!keys("m.room.member", "@a:a", content, .v7).contains(StateKey("m.room.member", "@c:c")))
    }

    @Test(arguments: RoomVersion.allCases) func authEventsAreThoseSelected(_ version: RoomVersion) throws {
        let room = Room(version)
        #expect(try room.refusal(of: room.message, by: room.selected) == nil)
        #expect(try room.refusal(of: room.message, by: room.selected + [room.levels])?.contains("two of") == true)
        #expect(try room.refusal(of: room.message, by: room.selected + [room.topic])?.contains("does not belong") == true)
        #expect(try room.refusal(of: room.message, by: room.selected, rejected: "$levels")?.contains("rejected") == true)
        #expect(try room.refusal(of: room.message, by: room.selected + [room.foreign])?.contains("another room") == true)
    }

    @Test(arguments: RoomVersion.allCases) func theCreateEventIsNamedUntilItIsImplied(_ version: RoomVersion) throws {
        let room = Room(version)
        let without = room.selected.filter { $0.type != "m.room.create" }
        if version.rules.createEventIsImplied {
            #expect(try room.refusal(of: room.message, by: without + [room.create])?.contains("does not belong") == true)
            #expect(try room.refusal(of: room.message, by: without, create: nil)?.contains("no create event") == true)
        } else {
            #expect(try room.refusal(of: room.message, by: without)?.contains("not among the auth events") == true)
        }
    }
}

/// A room in which Alice has joined and sends a message.
private struct Room {
    let create, alice, levels, topic, foreign, message: Event
    let selected: [Event]

    init(_ version: RoomVersion) {
        let room = ShortRoom(version: version)
        func event(_ short: JSON) -> Event {
            do { return try room.event(short) } catch { preconditionFailure("\(error)") }
        }
        create = event(["id": "$create", "type": "m.room.create", "sender": "@alice:a.org", "state_key": ""])
        alice = event([
            "id": "$alice", "type": "m.room.member", "sender": "@alice:a.org", "state_key": "@alice:a.org",
            "content": ["membership": "join"],
        ])
        levels = event(["id": "$levels", "type": "m.room.power_levels", "sender": "@alice:a.org", "state_key": ""])
        topic = event(["id": "$topic", "type": "m.room.topic", "sender": "@alice:a.org", "state_key": ""])
        foreign = event([
            "id": "$foreign", "type": "m.room.member", "sender": "@alice:a.org", "state_key": "@alice:a.org",
            "room_id": "!other:a.org", "content": ["membership": "join"],
        ])
        message = event(["type": "m.room.message", "sender": "@alice:a.org"])
        selected = version.rules.createEventIsImplied ? [levels, alice] : [create, levels, alice]
    }

    func refusal(of event: Event, by authEvents: [Event], rejected: String? = nil) throws -> String? {
        try refusal(of: event, by: authEvents, rejected: rejected, create: create)
    }

    func refusal(of event: Event, by authEvents: [Event], rejected: String? = nil, create: Event?) throws -> String? {
        let others = authEvents.contains(foreign) ? authEvents.filter { $0 != alice } : authEvents
        return try reasonForRefusal {
            try authorize(event, byAuthEvents: others, create: create, isRejected: { $0.eventID == rejected })
        }
    }
}
