import Matrix
import TestSupport
import Testing
import Web

@testable import SyncAPI

/// What filters let through.
@Suite struct FilterTests {
    @Test(arguments: TestDatabase.allCases) func aTimelineHasTheTypesAndSendersAskedFor(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.say("alice's", in: room)
            try await world.say("bob's", in: room, by: bob)
            try await world.send(room, "org.example.one", ["url": "mxc://x/y"])
            try await world.send(room, "org.example.two", ["url": 1])
            func timeline(_ filter: JSON) async throws -> [JSON] {
                try await world.sync(filter: ["room": ["timeline": filter]]).joined(room)?.timeline ?? []
            }
            #expect(try await timeline(["types": ["org.example.*"]]).types == ["org.example.one", "org.example.two"])
            #expect(try await timeline(["types": ["*.one", "m.room.message"]]).count == 3)
            #expect(try await timeline(["types": ["*"], "not_types": ["m.*"]]).count == 2)
            #expect(try await timeline(["types": []]).isEmpty)
            #expect(try await timeline(["types": ["m.room.message"], "senders": [.string(bob)]]).bodies == ["bob's"])
            #expect(try await timeline(["types": ["m.room.message"], "not_senders": [.string(bob)]]).bodies == ["alice's"])
            #expect(try await timeline(["contains_url": true]).types == ["org.example.one"])
            #expect(try await timeline(["contains_url": false]).types.contains("org.example.two"))
            #expect(try await timeline(["rooms": [], "limit": 5]).isEmpty)
            #expect(try await timeline(["not_rooms": [.string(room)]]).isEmpty)
            #expect(try await timeline(["limit": 1]).types == ["org.example.two"])
            let page = try await world.messages(room, filter: ["types": ["m.room.message"], "not_senders": [.string(alice)]])
            #expect(page.chunk.bodies == ["bob's"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func stateThatTheTimelineLeavesOutIsInTheState(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            try await world.say("one", in: room)
            try await world.send(room, "m.room.name", ["name": "n"], state: "")
            let answer = try await world.sync(since: first.next, filter: ["room": ["timeline": ["types": ["m.room.message"]]]])
            #expect(answer.joined(room)?.timeline.types == ["m.room.message"])
            #expect(answer.joined(room)?.state.types == ["m.room.name"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomOfWhichTheFilterLeavesNothingIsNotToldOf(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let nothing: JSON = ["room": ["timeline": ["types": []], "state": ["types": ["org.example.state"]]]]
            let first = try await world.sync(filter: nothing)
            try await world.send(room, "m.room.member", ["membership": "join", "displayname": "Boris"], state: alice)
            try await world.say("one", in: room)
            let renamed = try await world.sync(since: first.next, filter: nothing)
            #expect(renamed.rooms("join").isEmpty)
            // How many are there is news.
            try await world.move(.join, bob, in: room)
            let joined = try await world.sync(since: renamed.next, filter: nothing)
            #expect(joined.joined(room)?.json["summary"]?["m.joined_member_count"] == 2)
            try await world.move(.leave, bob, in: room)
            try await world.move(.join, bob, in: room)
            #expect(try await world.sync(since: joined.next, filter: nothing).rooms("join").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func aUserStoresSoManyFiltersAndNoMore(kind: TestDatabase) async throws {
        try await kind.with { database in
            try await database.migrate("syncapi", SyncMigrations.all)
            try await database.transaction { tx in
                for number in 0..<Filters.most {
                    _ = try FiltersTable.insert(Array(#"{"n":\#(number)}"#.utf8), of: alice, in: tx)
                }
            }
            func define(_ body: String, by user: String) async throws -> Filters.Stored {
                var request = Request(.post, "/", body: Array(body.utf8))
                request.parameters = Parameters(["userId": user])
                request.caller = Caller(userID: user, deviceID: "D")
                return try await Filters(database: database).define(request)
            }
            let known = try await define(#"{"n":0}"#, by: alice)
            #expect(known.filterID == "1")
            let error = await #expect(throws: MatrixError.self) { _ = try await define(#"{"n":-1}"#, by: alice) }
            #expect(error?.errcode == "M_FORBIDDEN")
            _ = try await define(#"{"n":-1}"#, by: bob)
        }
    }

    @Test(arguments: TestDatabase.allCases) func roomsAreChosen(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let one = try await world.createRoom(), two = try await world.createRoom()
            #expect(try await world.sync(filter: ["room": ["rooms": [.string(one)]]]).rooms("join") == [one])
            #expect(try await world.sync(filter: ["room": ["not_rooms": [.string(one)]]]).rooms("join") == [two])
            #expect(try await world.sync(filter: ["room": ["rooms": []]]).rooms("join") == [])
        }
    }

    @Test(arguments: TestDatabase.allCases) func membersAreLoadedLazily(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let people = (0..<8).map { "@p\($0):example.org" }
            for one in people { try await world.move(.join, one, in: room) }
            try await world.say("from p1", in: room, by: people[1])
            for index in 0..<3 { try await world.say("\(index)", in: room, by: people[7]) }
            let filter: JSON = ["room": ["state": ["lazy_load_members": true], "timeline": ["limit": 2]]]
            let first = try await world.sync(filter: filter)
            let joined = try #require(first.joined(room))
            let heroes = joined.json["summary"]?["m.heroes"]?.array?.compactMap(\.string) ?? []
            #expect(heroes == Array(people[0..<5]))
            let members = joined.state.filter { $0.type == "m.room.member" }.compactMap { $0["state_key"]?.string }
            #expect(Set(members) == Set([alice, people[7]] + heroes))
            #expect(joined.state.types.contains("m.room.power_levels"))
            // A sender who is not in the timeline's state comes with what they send; nobody else does.
            try await world.say("late", in: room, by: people[6])
            let second = try await world.sync(since: first.next, filter: filter)
            #expect(second.joined(room)?.state.compactMap { $0["state_key"]?.string } == [people[6]])
            let page = try await world.messages(room, limit: 1, filter: ["lazy_load_members": true])
            #expect(page.events("state").compactMap { $0["state_key"]?.string } == [people[6]])
        }
    }

    @Test(arguments: TestDatabase.allCases) func onlyTheFieldsAskedForAreKept(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.send(room, "m.room.message", ["body": "b", "a.b": ["c": 1, "d": 2], "other": 3])
            let answer = try await world.sync(filter: [
                "event_fields": ["type", "content.body", "content.a\\.b.c"], "room": ["timeline": ["limit": 1]],
            ])
            #expect(answer.joined(room)?.timeline == [["type": "m.room.message", "content": ["body": "b", "a.b": ["c": 1]]]])
            let raw = try await world.sync(filter: ["event_format": "federation", "room": ["timeline": ["limit": 1]]])
            let event = try #require(raw.joined(room)?.timeline.first)
            #expect(event["auth_events"]?.array?.isEmpty == false && event.eventID.starts(with: "$"))
        }
    }

    @Test(arguments: TestDatabase.allCases) func aFilterIsStoredOnceAndFoundByItsOwner(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let filters = world.sync.filters
            func request(_ user: String, _ path: [String: String], _ body: String = "", as caller: String = alice) -> Request {
                var request = Request(.post, "/x", body: Array(body.utf8))
                request.parameters = Parameters(["userId": user].merging(path) { $1 })
                request.caller = Caller(userID: caller, deviceID: "D")
                return request
            }
            let body = #"{"room":{"timeline":{"limit":1}},"org.example.unknown":{"x":1}}"#
            let id = try await filters.define(request(alice, [:], body)).filterID
            #expect(try await filters.define(request(alice, [:], body)).filterID == id)
            let stored = try await filters.get(request(alice, ["filterId": id]))
            #expect(stored.parsed() == (try JSON(parsing: Array(body.utf8))))
            let room = try await world.createRoom()
            #expect(try await world.sync(since: nil, "&filter=\(id)").joined(room)?.timeline.count == 1)

            #expect(await refusal { try await filters.get(request(alice, ["filterId": "999"])) } == "M_NOT_FOUND")
            #expect(await refusal { try await filters.get(request(alice, ["filterId": id], as: bob)) } == "M_FORBIDDEN")
            #expect(await refusal { try await filters.define(request(alice, [:], "{}", as: bob)) } == "M_FORBIDDEN")
            for bad in [
                #"{"presence":"no"}"#, #"{"room":{"timeline":"no"}}"#, #"{"room":{"timeline":{"types":{}}}}"#,
                #"{"room":{"timeline":{"rooms":["no"]}}}"#, #"{"room":{"timeline":{"senders":["no"]}}}"#,
                #"{"room":{"rooms":["no"]}}"#, #"{"event_format":"no"}"#,
            ] {
                #expect(await refusal { try await filters.define(request(alice, [:], bad)) } == "M_BAD_JSON", "\(bad)")
            }
        }
    }

    @Test(arguments: [
        ("a*", "abc", true), ("*c", "abc", true), ("a*c", "abc", true), ("*b*", "abc", true), ("a*b*c", "abc", true), ("*", "", true),
        ("abc", "abc", true), ("a*bc*c", "abc", false), ("ab*bc", "abc", false), ("b*", "abc", false), ("**", "x", true),
        ("a*a", "a", false), ("", "", true), ("", "x", false),
    ]) func aStarStandsForAnything(pattern: String, text: String, isMatch: Bool) {
        #expect(matches(pattern, text) == isMatch)
    }
}

extension Answer {
    func events(_ part: String) -> [JSON] { json[part]?.array ?? [] }
}
