import Contracts
import Matrix
import SQL
import TestSupport
import Testing
import Web

@testable import SyncAPI

/// What relates to events: asked for, and bundled with them.
@Suite struct RelationsTests {
    @Test(arguments: TestDatabase.allCases) func whatRelatesToAnEventIsFoundByKindAndType(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), root = try await world.say("root", in: room)
            let reaction = try await world.relate("m.annotation", to: root, in: room, "m.reaction", ["key": "👍"])
            let answer = try await world.relate("m.thread", to: root, in: room)
            let note = try await world.relate("m.reference", to: root, in: room)
            let sticker = try await world.relate("m.thread", to: root, in: room, "m.sticker")
            try await world.say("nothing to do with it", in: room)
            try await world.send(
                room, "m.room.message", ["body": "a reply", "m.relates_to": ["m.in_reply_to": ["event_id": .string(root)]]])
            #expect(try await world.relations(of: root, in: room).chunk.ids == [sticker, note, answer, reaction])
            #expect(try await world.relations(of: root, in: room, query: "dir=f").chunk.ids == [reaction, answer, note, sticker])
            #expect(try await world.relations(of: root, in: room, "m.thread").chunk.ids == [sticker, answer])
            #expect(try await world.relations(of: root, in: room, "m.thread", "m.sticker").chunk.ids == [sticker])
            #expect(try await world.relations(of: root, in: room, "m.other").chunk.isEmpty)
            #expect(try await world.relations(of: answer, in: room).chunk.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func relationsComeInPagesInEitherDirection(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), root = try await world.say("root", in: room)
            var answers: [String] = []
            for _ in 0..<5 { answers.append(try await world.relate("m.thread", to: root, in: room)) }
            for (direction, expected) in [("b", Array(answers.reversed())), ("f", answers)] {
                var found: [String] = [], from: String?, pages = 0
                repeat {
                    let page = try await world.relations(
                        of: root, in: room, query: "dir=\(direction)&limit=2" + (from.map { "&from=\($0)" } ?? ""))
                    #expect(page.json["prev_batch"]?.string == from)
                    found += page.chunk.ids
                    from = page.json["next_batch"]?.string
                    pages += 1
                } while from != nil && pages < 9
                #expect(found == expected)
                #expect(pages == 3)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func relationsOfRelationsAreFollowedWhereThatIsAskedFor(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), root = try await world.say("root", in: room)
            let answer = try await world.relate("m.thread", to: root, in: room)
            let edit = try await world.edit(answer, "better", in: room)
            let reaction = try await world.relate("m.annotation", to: edit, in: room, "m.reaction", ["key": "👍"])
            try await world.relate("m.reference", to: reaction, in: room)
            let all = try await world.relations(of: root, in: room, query: "recurse=true")
            #expect(all.chunk.ids == [reaction, edit, answer])
            #expect(all.json["recursion_depth"]?.integer == 3)
            let reactions = try await world.relations(of: root, in: room, "m.annotation", query: "recurse=true")
            #expect(reactions.chunk.ids == [reaction])
            let plain = try await world.relations(of: root, in: room)
            #expect(plain.chunk.ids == [answer])
            #expect(plain.json["recursion_depth"] == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoMayNotSeeAnEventFindsNoRelations(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: "joined"), other = try await world.createRoom()
            let root = try await world.say("root", in: room)
            try await world.relate("m.thread", to: root, in: room)
            #expect(await refusal { try await world.relations(of: root, in: room, by: bob) } == "M_NOT_FOUND")
            try await world.move(.join, bob, in: room)
            #expect(await refusal { try await world.relations(of: root, in: room, by: bob) } == "M_NOT_FOUND")
            #expect(await refusal { try await world.relations(of: root, in: other) } == "M_NOT_FOUND")
            #expect(await refusal { try await world.relations(of: "$nothing", in: room) } == "M_NOT_FOUND")
            #expect(await refusal { try await world.relations(of: root, in: room, query: "dir=x") } == "M_INVALID_PARAM")
            #expect(await refusal { try await world.relations(of: root, in: room, query: "from=x") } == "M_INVALID_PARAM")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsRedactedRelatesToNothing(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), root = try await world.say("root", in: room)
            let one = try await world.relate("m.thread", to: root, in: room)
            let two = try await world.relate("m.thread", to: root, in: room)
            try await world.redact(two, in: room)
            #expect(try await world.relations(of: root, in: room).chunk.ids == [one])
            let thread = try await world.bundle(of: root, in: room)?["m.thread"]
            #expect(thread?["count"]?.integer == 1)
            #expect(thread?["latest_event"]?.eventID == one)
            try await world.redact(one, in: room)
            #expect(try await world.bundle(of: root, in: room) == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases) func theNewestEditOfAnEventsSenderIsBundled(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let message = try await world.say("first", in: room)
            try await world.edit(message, "second", in: room)
            let last = try await world.edit(message, "third", in: room)
            // None of these is an edit: another's, of another type, without the new content, of an edit.
            try await world.edit(message, "not mine", in: room, by: bob)
            try await world.relate("m.replace", to: message, in: room, "m.sticker", ["m.new_content": ["body": "x"]])
            try await world.relate("m.replace", to: message, in: room)
            try await world.edit(last, "fourth", in: room)
            let bundle = try await world.bundle(of: message, in: room)
            #expect(bundle?["m.replace"]?.eventID == last)
            #expect(bundle?["m.replace"]?["content"]?["m.new_content"]?["body"] == "third")
            #expect(bundle?["m.replace"]?["room_id"]?.string == room)
            #expect(try await world.bundle(of: last, in: room) == nil)
            // The message itself stays as it was sent.
            let shown = try await world.messages(room, limit: 100).chunk.first { $0.eventID == message }
            #expect(shown?.body == "first")
            try await world.redact(message, in: room)
            #expect(try await world.bundle(of: message, in: room) == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases) func referencesAndThreadsAreBundled(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            for user in [bob, carol] { try await world.move(.join, user, in: room) }
            let root = try await world.say("root", in: room)
            let one = try await world.relate("m.reference", to: root, in: room, by: bob)
            let two = try await world.relate("m.reference", to: root, in: room, "m.sticker")
            try await world.relate("m.thread", to: root, in: room, by: bob)
            let answer = try await world.relate("m.thread", to: root, in: room, by: bob)
            let edit = try await world.edit(answer, "better", in: room, by: bob)
            let bundle = try await world.bundle(of: root, in: room)
            #expect(bundle?["m.reference"]?["chunk"] == [["event_id": .string(one)], ["event_id": .string(two)]])
            let thread = bundle?["m.thread"]
            #expect(thread?["count"] == 2)
            #expect(thread?["latest_event"]?.eventID == answer)
            #expect(thread?["latest_event"]?["unsigned"]?["m.relations"]?["m.replace"]?.eventID == edit)
            #expect(thread?["current_user_participated"] == true)
            #expect(try await world.bundle(of: root, in: room, by: bob)?["m.thread"]?["current_user_participated"] == true)
            #expect(try await world.bundle(of: root, in: room, by: carol)?["m.thread"]?["current_user_participated"] == false)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoLeftIsNotToldWhatCameLater(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let root = try await world.say("root", in: room)
            let edit = try await world.edit(root, "before", in: room)
            let answer = try await world.relate("m.thread", to: root, in: room)
            try await world.move(.leave, bob, in: room)
            try await world.edit(root, "after", in: room)
            try await world.relate("m.thread", to: root, in: room)
            let bundle = try await world.bundle(of: root, in: room, by: bob)
            #expect(bundle?["m.replace"]?.eventID == edit)
            #expect(bundle?["m.thread"]?["latest_event"]?.eventID == answer)
            #expect(bundle?["m.thread"]?["count"] == 1)
            #expect(try await world.relations(of: root, in: room, by: bob).chunk.ids == [answer, edit])
        }
    }

    @Test(arguments: TestDatabase.allCases) func aLimitedTimelineBundles(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), root = try await world.say("root", in: room)
            let edit = try await world.edit(root, "better", in: room)
            let answer = try await world.sync(filter: ["room": ["timeline": ["limit": 2]]])
            #expect(answer.joined(room)?.isLimited == true)
            let shown = answer.joined(room)?.timeline.first
            #expect(shown?.eventID == root)
            #expect(shown?["unsigned"]?["m.relations"]?["m.replace"]?.eventID == edit)
        }
    }

    @Test(arguments: TestDatabase.allCases) func theSameIsNotSaidTwiceOfAnEvent(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), root = try await world.say("root", in: room)
            let content: JSONObject = ["m.relates_to": ["rel_type": "m.annotation", "event_id": .string(root), "key": "👍"]]
            func check(_ content: JSONObject, by user: String = alice, transaction: String? = nil) async -> String? {
                await refusal {
                    try await world.sync.call(
                        CheckRelation(
                            roomID: room, userID: user, deviceID: "DEVICE", transactionID: transaction, type: "m.reaction",
                            content: RawJSON(content)))
                }
            }
            #expect(await check(content) == nil)
            try await world.send(
                room, "m.reaction", content,
                transaction: TransactionKey(userID: alice, deviceID: "DEVICE", endpoint: "send", transactionID: "t"))
            #expect(await check(content) == "M_DUPLICATE_ANNOTATION")
            #expect(await check(content, transaction: "t") == nil)
            #expect(await check(content, by: bob) == nil)
            #expect(await check(["m.relates_to": ["rel_type": "m.annotation", "event_id": .string(root), "key": "👎"]]) == nil)
            let answer = try await world.relate("m.thread", to: root, in: room)
            _ = try await world.relations(of: root, in: room)
            #expect(await check(["m.relates_to": ["rel_type": "m.thread", "event_id": .string(root)]]) == nil)
            #expect(await check(["m.relates_to": ["rel_type": "m.thread", "event_id": .string(answer)]]) == "M_UNKNOWN")
        }
    }

    @Test(arguments: TestDatabase.allCases) func othersAskForWhatIsBundled(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), root = try await world.say("root", in: room)
            func bundled() async throws -> JSON? {
                try await world.sync.call(
                    QueryBundledRelations(roomID: room, eventID: root, userID: alice, deviceID: nil)
                ).relations?.parsed()
            }
            #expect(try await bundled() == nil)
            let edit = try await world.edit(root, "better", in: room)
            #expect(try await bundled()?["m.replace"]?.eventID == edit)
        }
    }

    @Test func whatNamesNothingThatThereCouldBeIsNoRelation() {
        let long = String(repeating: "x", count: 256)
        for (type, parent) in [("m.thread", long), (long, "$a"), ("", "$a"), ("m.thread", ""), ("m.thread", "$a\u{0}")] {
            let content: JSONObject = ["m.relates_to": ["rel_type": .string(type), "event_id": .string(parent)]]
            #expect(Relation(content) == nil)
        }
        #expect(Relation(["m.relates_to": ["rel_type": 1, "event_id": "$a"]]) == nil)
        #expect(Relation(["m.relates_to": "$a"]) == nil)
        #expect(Relation(["m.relates_to": ["rel_type": "x", "event_id": "$a"]]) == Relation(parentID: "$a", type: "x"))
    }
}

extension World {
    @discardableResult
    func relate(
        _ relType: String, to parent: String, in room: String, _ type: String = "m.room.message", _ more: JSONObject = [:],
        by sender: String = alice
    ) async throws -> String {
        var content = more, relation: JSONObject = ["rel_type": .string(relType), "event_id": .string(parent)]
        if let key = content["key"] { relation["key"] = key }
        content["key"] = nil
        content["m.relates_to"] = .object(relation)
        if content["body"] == nil { content["body"] = .string(relType) }
        return try await send(room, type, content, by: sender)
    }

    @discardableResult
    func edit(_ event: String, _ text: String, in room: String, by sender: String = alice) async throws -> String {
        let new: JSON = ["msgtype": "m.text", "body": .string(text)]
        return try await relate(
            "m.replace", to: event, in: room, "m.room.message", ["m.new_content": new, "body": .string("* \(text)")], by: sender)
    }

    func redact(_ event: String, in room: String) async throws {
        try await send(room, "m.room.redaction", ["redacts": .string(event)], redacts: event)
    }

    func relations(
        of event: String, in room: String, _ relType: String? = nil, _ type: String? = nil, query: String = "",
        by user: String = alice
    ) async throws -> Answer {
        var request = Request(.get, "/_matrix/client/v1/rooms/x/relations/y?\(query)")
        request.caller = Caller(userID: user, deviceID: "DEVICE")
        var parameters = ["roomId": room, "eventId": event]
        parameters["relType"] = relType
        parameters["eventType"] = type
        request.parameters = Parameters(parameters)
        return Answer(try JSON(parsing: JSONCoder.encode(await sync.relations(request))))
    }

    /// What `/messages` bundles with an event.
    func bundle(of event: String, in room: String, by user: String = alice) async throws -> JSON? {
        let chunk = try await messages(room, user, limit: 100).chunk
        return try #require(chunk.first { $0.eventID == event })["unsigned"]?["m.relations"]
    }
}
