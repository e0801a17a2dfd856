import Contracts
import Matrix
import TestSupport
import Testing

@testable import SyncAPI

/// Who is there, as `/sync` tells it.
@Suite struct PresenceTests {
    private static let seen = "&set_presence=online", unseen = "&set_presence=offline"

    @Test(arguments: TestDatabase.allCases) func whoSyncsIsOnlineUnlessTheyDoNotWantToBeSeen(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            #expect(try await world.sync(alice, Self.unseen).presence[alice] == nil)
            let first = try await world.sync()
            #expect(first.presence[alice]?["presence"] == "online")
            #expect(first.presence[alice]?["currently_active"] == true)
            #expect(first.presence[alice]?["last_active_ago"]?.integer ?? -1 >= 0)
            #expect(first.presence.count == 1)
            #expect(try await world.sync(since: first.next).presence.isEmpty)
            #expect(await refusal { try await world.sync(alice, "&set_presence=busy") } == "M_INVALID_PARAM")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoSharesARoomHearsOfIt(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync(), stranger = try await world.sync(carol)
            _ = try await world.sync(bob)
            let second = try await world.awaitSync(since: first.next) { $0.presence[bob] != nil }
            #expect(second.presence[bob]?["presence"] == "online")
            #expect(second.presence[alice] == nil && second.presence[carol] == nil)
            try await world.setPresence(.unavailable, of: bob, saying: "lunch")
            let third = try await world.awaitSync(since: second.next) { $0.presence[bob] != nil }
            #expect(third.presence[bob]?["presence"] == "unavailable")
            #expect(third.presence[bob]?["status_msg"] == "lunch")
            #expect(third.presence[bob]?["currently_active"] == nil)
            #expect(try await world.sync(alice, Self.unseen).presence[bob]?["status_msg"] == "lunch")
            #expect(try await world.sync(carol, since: stranger.next).presence[bob] == nil)
            // A filter hides it, and who is offline is not shown to whoever comes.
            let none = try await world.sync(filter: ["presence": ["types": []]])
            #expect(none.presence.isEmpty)
            let others = try await world.sync(filter: ["presence": ["not_senders": [.string(bob)]]])
            #expect(Array(others.presence.keys) == [alice])
            try await world.setPresence(.offline, of: bob)
            let fourth = try await world.awaitSync(since: third.next) { $0.presence[bob] != nil }
            #expect(fourth.presence[bob]?["presence"] == "offline")
            #expect(try await world.sync().presence[bob] == nil)
            // The same once more: nothing new.
            #expect(try await world.sync(since: third.next).presence[bob]?["presence"] == "offline")
            #expect(try await world.sync(since: fourth.next).presence.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoComesTogetherIsIntroduced(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            let room = try await world.createRoom()
            let first = try await world.sync(), bobs = try await world.sync(bob, Self.unseen)
            try await world.move(.join, bob, in: room)
            let second = try await world.sync(since: first.next)
            #expect(second.presence[bob] == ["presence": "offline"])
            #expect(try await world.sync(since: second.next).presence.isEmpty)
            let met = try await world.sync(bob, since: bobs.next, Self.unseen)
            #expect(met.presence[alice]?["presence"] == "online")
            #expect(try await world.sync(bob, since: met.next, Self.unseen).presence.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoDoesNothingIsIdleAndWhoIsNotSeenIsOffline(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync()
            _ = try await world.sync(bob)
            let second = try await world.awaitSync(since: first.next) { $0.presence[bob] != nil }
            func pass(_ minutes: Int64, for user: String) async throws {
                try await world.database.transaction { tx in
                    try tx.run("""
                        UPDATE syncapi_presence SET last_active_ts = last_active_ts - \(minutes * 60_000),
                            due_ts = due_ts - \(minutes * 60_000) WHERE user_id = \(user)
                        """)
                }
            }
            try await pass(1, for: bob)
            let third = try await world.awaitSync(since: second.next) { $0.presence[bob] != nil }
            #expect(third.presence[bob]?["presence"] == "online")
            #expect(third.presence[bob]?["currently_active"] == false)
            #expect(third.presence[bob]?["last_active_ago"]?.integer ?? 0 >= 60_000)
            try await pass(4, for: bob)
            let fourth = try await world.awaitSync(since: third.next) { $0.presence[bob] != nil }
            #expect(fourth.presence[bob]?["presence"] == "unavailable")
            // Whoever does something is back.
            try await world.type(bob, in: room)
            let fifth = try await world.awaitSync(since: fourth.next) { $0.presence[bob] != nil }
            #expect(fifth.presence[bob]?["presence"] == "online")
            // The last sync is over for long enough.
            await world.sync.syncing?.settle(now: .now + SyncingUsers.lingering + .seconds(1))
            let sixth = try await world.awaitSync(since: fifth.next) { $0.presence[bob] != nil }
            #expect(sixth.presence[bob]?["presence"] == "offline")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aReplicaThatDiesTakesItsUsersWithIt(kind: TestDatabase) async throws {
        try await World.on(kind, replicas: kind == .postgres ? 2 : 1, presence: true) { world in
            let last = world.syncs.count - 1
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync()
            _ = try await world.sync(bob, at: last)
            let second = try await world.awaitSync(since: first.next) { $0.presence[bob] != nil }
            #expect(second.presence[bob]?["presence"] == "online")
            let replica = try #require(world.syncs[last].syncing?.replica)
            try await world.database.transaction { tx in
                try tx.run("UPDATE syncapi_presence_replicas SET seen_ts = 1 WHERE replica = \(replica)")
            }
            let third = try await world.awaitSync(since: second.next) { $0.presence[bob] != nil }
            #expect(third.presence[bob]?["presence"] == "offline")
            // It was only slow: what it knows is told again.
            await world.syncs[last].syncing?.settle()
            let fourth = try await world.awaitSync(since: third.next) { $0.presence[bob] != nil }
            #expect(fourth.presence[bob]?["presence"] == "online")
        }
    }

    @Test func ofSeveralDevicesTheMostCounts() async throws {
        try await World.on(.sqlite, presence: true) { world in
            _ = try await world.sync(bob, device: "A", "&set_presence=unavailable")
            #expect(try await world.sync(bob, Self.unseen).presence[bob]?["presence"] == "unavailable")
            _ = try await world.sync(bob, device: "B", Self.seen)
            #expect(try await world.sync(bob, Self.unseen).presence[bob]?["presence"] == "online")
            _ = try await world.sync(bob, device: "A", "&set_presence=unavailable")
            #expect(try await world.sync(bob, Self.unseen).presence[bob]?["presence"] == "online")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aPresenceIsToldToWhomeverSharesARoom(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            func ask(_ user: String, about other: String) async throws -> QueryPresence.Reply {
                try await world.sync.call(QueryPresence(userID: other, askedBy: user))
            }
            #expect(try await ask(alice, about: alice) == QueryPresence.Reply(presence: "offline"))
            #expect(await refusal { try await ask(alice, about: bob) } == "M_FORBIDDEN")
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync(alice, Self.unseen)
            try await world.setPresence(.online, of: bob, saying: "here")
            _ = try await world.awaitSync(since: first.next) { $0.presence[bob] != nil }
            let told = try await ask(alice, about: bob)
            #expect(told.presence == "online" && told.statusMessage == "here" && told.isActive == true)
            #expect(told.lastActiveAgo ?? -1 >= 0)
            try await world.move(.leave, bob, in: room)
            _ = try await world.sync(since: first.next)
            #expect(await refusal { try await ask(alice, about: bob) } == "M_FORBIDDEN")
        }
    }
}
