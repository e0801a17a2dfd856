import Contracts
import Matrix
import TestSupport
import Testing

/// Who sees what of a room's past.
@Suite struct VisibilityTests {
    /// What bob, who came after `one`, was invited after `zero`, left after `two` and came back after `three`, sees.
    static let seen: [(visibility: String, bodies: [String])] = [
        ("joined", ["two", "four"]), ("invited", ["one", "two", "four"]), ("shared", ["zero", "one", "two", "three", "four"]),
        ("world_readable", ["zero", "one", "two", "three", "four"]),
    ]

    @Test(arguments: TestDatabase.allCases, seen) func membersSee(
        kind: TestDatabase, seen: (visibility: String, bodies: [String])
    ) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: seen.visibility)
            try await world.say("zero", in: room)
            try await world.move(.invite, bob, by: alice, in: room)
            try await world.say("one", in: room)
            try await world.move(.join, bob, in: room)
            try await world.say("two", in: room)
            try await world.move(.leave, bob, in: room)
            let away = try await world.messages(room, bob, limit: 100)
            #expect(away.chunk.bodies.reversed() == seen.bodies.filter { ["zero", "one", "two"].contains($0) })
            try await world.say("three", in: room)
            let outside = try await world.messages(room, bob, limit: 100)
            #expect(outside.chunk.bodies.contains("three") == (seen.visibility == "world_readable"))
            try await world.move(.join, bob, in: room)
            try await world.say("four", in: room)
            let page = try await world.messages(room, bob, limit: 100)
            #expect(page.chunk.bodies.reversed() == seen.bodies)
            let sync = try await world.sync(bob, filter: ["room": ["timeline": ["limit": 100]]])
            #expect(sync.joined(room)?.timeline.bodies == seen.bodies)
            // Whoever was never there.
            if seen.visibility == "world_readable" {
                #expect(try await world.messages(room, carol, limit: 100).chunk.bodies.reversed() == seen.bodies)
            } else {
                #expect(await refusal { try await world.messages(room, carol) } == "M_FORBIDDEN")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func aForgottenRoomIsGone(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.invite, bob, by: alice, in: room)
            try await world.move(.join, bob, in: room)
            try await world.move(.leave, bob, in: room)
            let archive: JSON = ["room": ["include_leave": true]]
            #expect(try await world.sync(bob, filter: archive).left(room) != nil)
            _ = try await world.rooms.call(ForgetRoom(roomID: room, userID: bob))
            #expect(await refusal { try await world.messages(room, bob) } == "M_FORBIDDEN")
            #expect(try await world.sync(bob, filter: archive).left(room) == nil)
            // Whoever comes back has it again.
            try await world.move(.invite, bob, by: alice, in: room)
            try await world.move(.join, bob, in: room)
            #expect(try await world.messages(room, bob).chunk.isEmpty == false)
        }
    }

    @Test func aRoomThatIsUnknownIsForbidden() async throws {
        try await World.on(.sqlite) { world in
            #expect(await refusal { try await world.messages("!nowhere:example.org") } == "M_FORBIDDEN")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRedactedEventIsShownRedacted(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let event = try await world.say("oh no", in: room)
            let first = try await world.sync()
            #expect(first.joined(room)?.timeline.bodies == ["oh no"])
            let redaction = try await world.send(room, "m.room.redaction", ["reason": "r"], redacts: event)
            let second = try await world.sync(since: first.next)
            #expect(second.joined(room)?.timeline.first?["redacts"]?.string == event)
            let third = try await world.sync()
            let shown = try #require(third.joined(room)?.timeline.first { $0.eventID == event })
            #expect(shown["content"] == [:])
            #expect(shown["unsigned"]?["redacted_because"]?["event_id"]?.string == redaction)
            #expect(shown["unsigned"]?["redacted_by"]?.string == redaction)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatRedactedStateSaidIsNotToldByItsSuccessor(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let event = try await world.send(room, "m.room.topic", ["topic": "secret"], state: "")
            try await world.send(room, "m.room.topic", ["topic": "public"], state: "")
            try await world.send(room, "m.room.redaction", [:], redacts: event)
            let answer = try await world.sync(filter: ["room": ["timeline": ["limit": 50]]])
            #expect(!answer.json.description.contains("secret"))
            let page = try await world.messages(room, limit: 50)
            #expect(!page.json.description.contains("secret"))
            #expect(page.chunk.contains { $0["content"]?["topic"] == "public" })
        }
    }

    @Test(arguments: TestDatabase.allCases) func onlyTheSendingDeviceIsToldTheTransaction(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let key = TransactionKey(userID: alice, deviceID: "PHONE", endpoint: "send", transactionID: "t1")
            let event = try await world.send(room, "m.room.message", ["body": "x"], transaction: key)
            func transaction(_ user: String, _ device: String) async throws -> JSON? {
                let timeline = try #require(try await world.sync(user, device: device).joined(room)?.timeline)
                return try #require(timeline.first { $0.eventID == event })["unsigned"]?["transaction_id"]
            }
            #expect(try await transaction(alice, "PHONE") == "t1")
            #expect(try await transaction(alice, "DESK") == nil)
            #expect(try await transaction(bob, "PHONE") == nil)
        }
    }
}
