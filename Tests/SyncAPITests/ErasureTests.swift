import Contracts
import Matrix
import TestSupport
import Testing
import Web

@testable import SyncAPI

/// What is left of users whose accounts are erased.
/// [Deactivating an account](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate)
@Suite struct ErasureTests {
    /// A room in which bob spoke while alice was there, before carol came, and what he said.
    private struct Past {
        var room: String
        var message: String
        var answer: String
        /// Bob's, and one that replaced another of his.
        var topics: [String]
    }

    private func past(in world: World) async throws -> Past {
        let room = try await world.createRoom()
        try await world.move(.join, bob, in: room)
        try await world.send(
            room, "m.room.power_levels", ["users": [alice: 100, bob: 100]], state: "")
        try await world.send(room, "m.room.member", ["membership": "join", "displayname": "Bobby"], state: bob, by: bob)
        let message = try await world.say("secret words", in: room, by: bob)
        let answer = try await world.send(
            room, "m.room.message",
            ["body": "secret answer", "m.relates_to": ["rel_type": "m.thread", "event_id": .string(message)]], by: bob)
        let old = try await world.send(room, "m.room.topic", ["topic": "secret topic"], state: "", by: bob)
        let new = try await world.send(room, "m.room.topic", ["topic": "topic"], state: "", by: alice)
        try await world.send(room, "m.room.name", ["name": "the room"], state: "", by: bob)
        try await world.move(.join, carol, in: room)
        return Past(room: room, message: message, answer: answer, topics: [old, new])
    }

    /// Erases bob, until that is known.
    private func erase(in world: World) async throws {
        _ = try await world.users.call(DeactivateAccount(userID: bob, erases: true))
        _ = try await world.sync(bob)
    }

    @Test(arguments: TestDatabase.allCases) func theErasedAreHeardByThoseAloneWhoWereThere(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let past = try await past(in: world)
            #expect(try await whole(past, carol, world).description.contains("secret"))
            try await erase(in: world)
            let alices = try await whole(past, alice, world).description
            for text in ["secret words", "secret answer", "secret topic", "Bobby"] { #expect(alices.contains(text)) }
            let carols = try await whole(past, carol, world)
            #expect(!carols.description.contains("secret"))
            #expect(!carols.description.contains("Bobby"))
            // What the room is stays.
            let sync = try #require(try await world.sync(carol).joined(past.room))
            #expect(sync.stateAfter["m.room.name "] == ["name": "the room"])
            #expect(sync.stateAfter["m.room.topic "] == ["topic": "topic"])
            let shown = try #require(sync.timeline.first { $0.eventID == past.message })
            #expect(shown["content"] == [:] && shown["sender"]?.string == bob)
            // It is not found by what it said.
            #expect(try await found(past, alice, world) == [past.message, past.answer])
            #expect(try await found(past, carol, world).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsHeardOfARoomLaterIsErasedToo(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            try await erase(in: world)
            let past = try await past(in: world)
            try await world.move(.leave, bob, in: past.room)
            #expect(!(try await whole(past, carol, world)).description.contains("secret"))
            #expect(try await world.sync(bob).accountData.isEmpty)
        }
    }

    /// All that is told of the room by whatever tells of it, once each.
    private func whole(_ past: Past, _ user: String, _ world: World) async throws -> JSON {
        let id: [String: String] = ["roomId": past.room]
        func event(_ event: String) -> [String: String] { id.merging(["eventId": event]) { $1 } }
        let api = world.sync
        let lazy: JSON = ["room": ["timeline": ["limit": 100], "state": ["lazy_load_members": true]]]
        return .array([
            try await world.sync(user, filter: ["room": ["timeline": ["limit": 100]]]).json,
            try await world.sync(user, filter: ["room": ["timeline": ["limit": 2]]]).json,
            try await world.sync(user, filter: lazy).json,
            try await world.messages(past.room, user, limit: 100, filter: ["lazy_load_members": true]).json,
            try await world.answer(api.context(world.request("x", by: user, event(past.message), ["limit": 100]))),
            try await world.answer(api.context(world.request("x", by: user, event(past.topics[1])))),
            try await world.answer(api.relations(world.request("x", by: user, event(past.message)))),
            try await world.answer(api.threads(world.request("x", by: user, id))),
            try await world.answer(api.roomInitialSync(world.request("x", by: user, id, ["limit": 100]))),
            try await world.answer(api.initialSync(world.request("x", by: user, [:], ["limit": 100]))),
            try await world.answer(api.eventStream(world.request("x", by: user, [:], ["from": "s1_0", "timeout": 0]))),
        ])
    }

    /// What is found by one word.
    private func found(_ past: Past, _ user: String, _ world: World) async throws -> Set<String> {
        var request = try world.request("x", by: user)
        request.body = JSON.object([
            "search_categories": ["room_events": ["search_term": "secret", "keys": ["content.body"]]]
        ]).serialized()
        let results = try await world.answer(world.sync.search(request))["search_categories"]?["room_events"]?["results"]?.array
        return Set((results ?? []).compactMap { $0["result"]?["event_id"]?.string })
    }
}
