import Matrix
import TestSupport
import Testing

@testable import SyncAPI

/// Every key of a filter, in every part of an answer that has it.
/// [Filtering](https://spec.matrix.org/v1.19/client-server-api/#filtering)
@Suite struct FilterKeyTests {
    private let everyStateType: Set = [
        "m.room.create", "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility", "m.room.member", "org.example.picture",
    ]

    @Test(arguments: TestDatabase.allCases) func ofTheState(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.send(room, "org.example.picture", ["url": "mxc://x/y"], state: "")
            func state(_ filter: JSON, after: String? = nil) async throws -> [JSON] {
                let answer = try await world.sync(filter: ["room": ["timeline": ["limit": 0], "state": filter]])
                return answer.joined(room)?.state ?? []
            }
            func types(_ filter: JSON) async throws -> Set<String> { Set(try await state(filter).types) }
            #expect(try await types([:]) == everyStateType)
            #expect(try await types(["types": ["*"]]) == everyStateType)
            #expect(try await types(["types": ["m.room.*e", "*.picture"]]) == ["m.room.create", "org.example.picture"])
            #expect(try await types(["types": []]).isEmpty)
            #expect(try await types(["not_types": []]) == everyStateType)
            #expect(try await types(["not_types": ["m.room.*"]]) == ["org.example.picture"])
            #expect(try await types(["types": ["*"], "not_types": ["*"]]).isEmpty)
            #expect(try await state(["senders": [.string(bob)]]).compactMap { $0["state_key"]?.string } == [bob])
            #expect(try await state(["senders": [.string(bob)], "not_senders": [.string(bob)]]).isEmpty)
            #expect(try await state(["not_senders": [.string(bob)], "types": ["m.room.member"]]).count == 1)
            #expect(try await types(["rooms": ["!other:example.org"]]).isEmpty)
            #expect(try await types(["rooms": [.string(room)]]) == everyStateType)
            #expect(try await types(["rooms": [.string(room)], "not_rooms": [.string(room)]]).isEmpty)
            #expect(try await types(["contains_url": true]) == ["org.example.picture"])
            #expect(try await types(["contains_url": false]) == everyStateType.subtracting(["org.example.picture"]))
            // A client that did not get all of the state would never know.
            #expect(try await types(["limit": 1]) == everyStateType)
        }
    }

    @Test(arguments: TestDatabase.allCases) func ofTheTimeline(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync()
            try await world.say("a", in: room)
            try await world.say("b", in: room, by: bob)
            try await world.send(room, "org.example.picture", ["url": "mxc://x/y"])
            // From the beginning, out of the database; and on from where one was, out of memory where that has it.
            for since in [nil, first.next] {
                func timeline(_ filter: JSON) async throws -> [JSON] {
                    try await world.sync(since: since, filter: ["room": ["timeline": filter]]).joined(room)?.timeline ?? []
                }
                #expect(try await timeline(["types": ["m.room.mess*"], "not_types": ["m.room.messages"]]).bodies == ["a", "b"])
                #expect(try await timeline(["types": ["m.room.message"], "not_types": ["*message"]]).isEmpty)
                #expect(try await timeline(["senders": [.string(bob)], "types": ["m.room.message"]]).bodies == ["b"])
                #expect(try await timeline(["senders": [.string(alice), .string(bob)], "not_senders": [.string(alice)]]).bodies == ["b"])
                #expect(try await timeline(["rooms": [.string(room)], "limit": 1]).types == ["org.example.picture"])
                #expect(try await timeline(["rooms": [.string(room)], "not_rooms": [.string(room)]]).isEmpty)
                #expect(try await timeline(["contains_url": true]).types == ["org.example.picture"])
                #expect(try await timeline(["contains_url": false, "types": ["m.room.message", "org.*"]]).bodies == ["a", "b"])
                #expect(try await timeline(["limit": 2, "not_types": ["org.*"]]).bodies == ["a", "b"])
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func ofWhatIsEphemeral(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let said = try await world.say("a", in: room)
            let first = try await world.sync()
            try await world.read(said, in: room, by: bob)
            try await world.type(bob, in: room)
            var last = first
            last = try await world.awaitSync(since: first.next) { $0.joined(room)?.typing == [bob] }
            _ = last
            for since in [nil, first.next] {
                func ephemeral(_ filter: JSON) async throws -> Set<String> {
                    let answer = try await world.sync(since: since, filter: ["room": ["ephemeral": filter]])
                    return Set(answer.joined(room)?.events("ephemeral").types ?? [])
                }
                while try await ephemeral([:]).count < 2 {}
                #expect(try await ephemeral(["types": ["m.typing"]]) == ["m.typing"])
                #expect(try await ephemeral(["types": ["m.*t"]]) == ["m.receipt"])
                #expect(try await ephemeral(["not_types": ["m.typ*"]]) == ["m.receipt"])
                #expect(try await ephemeral(["types": ["*"], "not_types": ["*"]]).isEmpty)
                #expect(try await ephemeral(["rooms": [.string(room)]]).count == 2)
                #expect(try await ephemeral(["rooms": []]).isEmpty)
                #expect(try await ephemeral(["rooms": [.string(room)], "not_rooms": [.string(room)]]).isEmpty)
                // A receipt that is left out would never be told.
                #expect(try await ephemeral(["limit": 1]).count == 2)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func ofAccountData(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            for type in ["org.one", "org.two", "m.direct"] {
                try await world.setData(type, ["x": 1])
                try await world.setData(type, ["x": 2], room: room)
            }
            for since in [nil, first.next] {
                func both(_ filter: JSON) async throws -> (own: Set<String>, room: Set<String>) {
                    let answer = try await world.sync(since: since, filter: ["account_data": filter, "room": ["account_data": filter]])
                    return (Set(answer.accountData.types), Set(answer.joined(room)?.events("account_data").types ?? []))
                }
                for (filter, expected) in [
                    (["types": ["org.*"]], ["org.one", "org.two"]), (["types": ["*"], "not_types": ["org.*"]], ["m.direct"]),
                    (["not_types": ["org.one"]], ["org.two", "m.direct"]), (["types": []], []),
                    (["types": ["org.one"], "not_types": ["org.one"]], []), (["limit": 1], ["org.one", "org.two", "m.direct"]),
                ] as [(JSON, Set<String>)] {
                    let found = try await both(filter)
                    #expect(found.own == expected && found.room == expected, "\(filter)")
                }
                #expect(try await both(["rooms": []]).room.isEmpty)
                #expect(try await both(["rooms": [.string(room)]]).room.count == 3)
                #expect(try await both(["rooms": [.string(room)], "not_rooms": [.string(room)]]).room.isEmpty)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func ofPresence(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            let room = try await world.createRoom()
            for user in [bob, carol] { try await world.move(.join, user, in: room) }
            _ = try await world.sync(carol)
            _ = try await world.sync(bob)
            func seen(_ filter: JSON) async throws -> Set<String> { Set(try await world.sync(filter: ["presence": filter]).presence.keys) }
            while try await seen([:]).count < 3 {}
            #expect(try await seen(["senders": [.string(bob)]]) == [bob])
            #expect(try await seen(["senders": [.string(bob)], "not_senders": [.string(bob)]]).isEmpty)
            #expect(try await seen(["not_senders": [.string(bob)]]) == [alice, carol])
            #expect(try await seen(["types": ["m.pres*"]]).count == 3)
            #expect(try await seen(["types": ["m.presence"], "not_types": ["*"]]).isEmpty)
            // The latest: who is left out is told of when next something changes.
            #expect(try await seen(["limit": 1]).count == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases) func ofRooms(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let one = try await world.createRoom(), two = try await world.createRoom(), left = try await world.createRoom()
            try await world.move(.leave, alice, in: left)
            func rooms(_ filter: JSON) async throws -> (join: Set<String>, leave: [String]) {
                let answer = try await world.sync(filter: ["room": filter])
                return (Set(answer.rooms("join")), answer.rooms("leave"))
            }
            #expect(try await rooms([:]) == ([one, two], []))
            #expect(try await rooms(["include_leave": true]).leave == [left])
            #expect(try await rooms(["include_leave": true, "not_rooms": [.string(left)]]).leave == [])
            #expect(try await rooms(["rooms": [.string(one), .string(two)], "not_rooms": [.string(one)]]).join == [two])
            // Before the lists of the parts.
            let within: JSON = ["rooms": [.string(two)], "timeline": ["rooms": [.string(one)]], "state": ["rooms": [.string(one)]]]
            let answer = try await world.sync(filter: ["room": within])
            #expect(answer.joined(one) == nil && answer.joined(two)?.timeline == [] && answer.joined(two)?.state == [])
        }
    }

    /// [Dot-separated property paths](https://spec.matrix.org/v1.19/appendices/#dot-separated-property-paths)
    @Test(arguments: TestDatabase.allCases) func fieldsAreNamedByPathsWithEscapes(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let content: JSONObject = [
                "a.b": ["c": 1, "d.e": 2], "a": ["b": 3], "back\\slash": 4, "x\\y": 5, "end\\": 6, "list": [["deep": 7]],
            ]
            try await world.send(room, "org.example", content)
            func kept(_ fields: String...) async throws -> JSON? {
                let filter: JSON = ["event_fields": .array(fields.map(JSON.string)), "room": ["timeline": ["limit": 1]]]
                return try await world.sync(filter: filter).joined(room)?.timeline.first
            }
            #expect(try await kept(#"content.a\.b"#) == ["content": ["a.b": ["c": 1, "d.e": 2]]])
            #expect(try await kept(#"content.a\.b.d\.e"#, "type") == ["type": "org.example", "content": ["a.b": ["d.e": 2]]])
            #expect(try await kept("content.a.b") == ["content": ["a": ["b": 3]]])
            #expect(try await kept(#"content.back\\slash"#) == ["content": ["back\\slash": 4]])
            // Before any other character it stands for itself.
            #expect(try await kept(#"content.x\y"#, #"content.end\"#) == ["content": ["x\\y": 5, "end\\": 6]])
            #expect(try await kept("content.list.deep", "content.list.0", "nothing", "") == [:])
            #expect(try await kept("content", "content.a") == ["content": .object(content)])
            #expect(try await kept("content.a", "content") == ["content": .object(content)])
        }
    }
}
