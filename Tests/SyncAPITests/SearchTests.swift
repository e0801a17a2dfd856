import Matrix
import TestSupport
import Testing
import Web

@testable import SyncAPI

/// Search in what is said, on both databases alike.
@Suite struct SearchTests {
    @Test(arguments: TestDatabase.allCases) func whatHasAllTheWordsIsFound(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let one = try await world.say("Hello, WORLD: how are you?", in: room)
            let two = try await world.say("the world is round", in: room)
            let three = try await world.say("Élan vital 你好世界", in: room)
            try await world.send(room, "m.room.topic", ["topic": "worlds apart"], state: "")
            let name = try await world.send(room, "m.room.name", ["name": "The World"], state: "")
            #expect(try await world.search("world").ids == [name, two, one])
            #expect(try await world.search("hello world").ids == [one])
            #expect(try await world.search("elan").ids == [three])
            #expect(try await world.search("世界").ids == [three])
            #expect(try await world.search("worl").ids == [])
            #expect(try await world.search("\"' OR *) & world").ids == [])
            #expect(try await world.search("!?").ids == [])
            #expect(try await world.search("world", ["keys": ["content.name"]]).ids == [name])
            let found = try await world.search("hello")
            #expect(found.json["count"] == 1)
            #expect(found.json["highlights"] == ["hello"])
            #expect(found.results.first?["result"]?.body == "Hello, WORLD: how are you?")
            #expect(found.results.first?["rank"]?.number != nil)
            #expect(found.results.first?["context"] == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases) func theBestComesFirstUnlessTheNewestIsAskedFor(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let best = try await world.say("tree tree tree", in: room)
            let newest = try await world.say("a tree stands in the middle of a large and otherwise empty field of grass", in: room)
            #expect(try await world.search("tree", ["order_by": "rank"]).ids == [best, newest])
            #expect(try await world.search("tree", ["order_by": "recent"]).ids == [newest, best])
        }
    }

    @Test(arguments: TestDatabase.allCases) func resultsComeInPagesAndGroups(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), other = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            var said: [String] = []
            for index in 0..<7 {
                said.append(
                    try await world.say("word \(index)", in: index == 1 ? other : room, by: index.isMultiple(of: 2) ? bob : alice))
                if index == 0 { said.removeLast() }
            }
            for order in ["recent", "rank"] {
                var found: [String] = [], next: String?, pages = 0
                repeat {
                    let page = try await world.search(
                        "word", ["order_by": .string(order), "filter": ["limit": 2, "senders": [.string(alice)]]], from: next)
                    found += page.ids
                    next = page.json["next_batch"]?.string
                    pages += 1
                } while next != nil && pages < 9
                #expect(Set(found) == Set([1, 3, 5].map { said[$0 - 1] }))
                #expect(found.count == 3)
            }
            let groups: JSONObject = [
                "order_by": "recent", "filter": ["limit": 3], "groupings": ["group_by": [["key": "sender"], ["key": "room_id"]]],
            ]
            let grouped = try await world.search("word", groups)
            let alices = grouped.json["groups"]?["sender"]?[alice]
            #expect(alices?["results"] == [.string(said[4])])
            #expect(grouped.json["groups"]?["sender"]?[bob]?["order"] == 0)
            #expect(grouped.json["groups"]?["room_id"]?[room]?["results"]?.array?.count == 3)
            let more = try await world.search("word", groups, from: try #require(alices?["next_batch"]?.string))
            #expect(more.ids == [said[2], said[0]])
        }
    }

    @Test(arguments: TestDatabase.allCases) func onlyWhatOneMaySeeIsFound(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: "joined"), other = try await world.createRoom()
            try await world.say("secret", in: room)
            try await world.move(.join, bob, in: room)
            let between = try await world.say("secret", in: room)
            try await world.move(.leave, bob, in: room)
            try await world.say("secret", in: room)
            try await world.say("secret", in: other)
            #expect(try await world.search("secret", by: bob).ids == [between])
            #expect(try await world.search("secret", ["filter": ["rooms": [.string(other)]]], by: bob).ids == [])
            #expect(try await world.search("secret").ids.count == 4)
            #expect(try await world.search("secret", ["filter": ["rooms": [.string(other)]]]).ids.count == 1)
            #expect(try await world.search("secret", ["filter": ["not_rooms": [.string(other)]]]).ids.count == 3)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsRedactedIsFoundNoMore(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), gone = try await world.say("regrettable", in: room)
            #expect(try await world.search("regrettable").ids == [gone])
            try await world.redact(gone, in: room)
            #expect(try await world.search("regrettable").ids == [])
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatStandsAroundIsTold(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            for text in ["one", "two", "needle", "three", "four"] { try await world.say(text, in: room) }
            let found = try await world.search(
                "needle",
                ["event_context": ["before_limit": 1, "after_limit": 2, "include_profile": true], "include_state": true])
            let context = try #require(found.results.first?["context"])
            #expect(context["events_before"]?.array?.bodies == ["two"])
            #expect(context["events_after"]?.array?.bodies == ["three", "four"])
            #expect(context["profile_info"]?[alice]?.object != nil)
            let before = try await world.messages(room, from: context["start"]?.string, limit: 1)
            #expect(before.chunk.bodies == ["one"])
            let after = try await world.messages(room, from: context["end"]?.string, direction: "f", limit: 1)
            #expect(after.chunk.isEmpty)
            #expect(found.json["state"]?[room]?.array?.types.contains("m.room.create") == true)
        }
    }

    @Test func whatIsNoSearchIsRefused() async throws {
        try await World.on(.sqlite) { world in
            #expect(await refusal { try await world.search("x", ["order_by": "x"]) } == "M_BAD_JSON")
            #expect(await refusal { try await world.search("x", ["keys": ["content.x"]]) } == "M_BAD_JSON")
            #expect(await refusal { try await world.search("x", ["search_term": 1]) } == "M_BAD_JSON")
            #expect(await refusal { try await world.search("x", from: "x") } == "M_INVALID_PARAM")
            #expect(await refusal { try await world.search("x", from: "f1_1_x_y") } == "M_INVALID_PARAM")
        }
    }

    @Test func wordsAreWhatIsBetweenOtherCharacters() {
        #expect(SearchWords.of("It's 3.5 km, naïve—café!") == ["it", "s", "3", "5", "km", "naive", "cafe"])
        #expect(SearchWords.of("日本go") == ["日", "本", "go"])
        #expect(SearchWords.of("\u{0} \n") == [])
        #expect(SearchWords.of(String(repeating: "x", count: 500)) == [])
    }
}

/// What a search found.
struct Findings: Sendable {
    let json: JSON
    var results: [JSON] { json["results"]?.array ?? [] }
    var ids: [String] { results.compactMap { $0["result"]?.eventID } }
}

extension World {
    func search(_ term: String, _ more: JSONObject = [:], from: String? = nil, by user: String = alice) async throws -> Findings {
        var events: JSONObject = ["search_term": .string(term), "order_by": "recent"]
        for (key, value) in more { events[key] = value }
        let body: JSONObject = ["search_categories": ["room_events": .object(events)]]
        var request = Request(
            .post, "/_matrix/client/v3/search" + (from.map { "?next_batch=\($0)" } ?? ""), body: body.serialized())
        request.caller = Caller(userID: user, deviceID: "DEVICE")
        let answer = try JSON(parsing: JSONCoder.encode(await sync.search(request)))
        return Findings(json: answer["search_categories"]?["room_events"] ?? .null)
    }
}
