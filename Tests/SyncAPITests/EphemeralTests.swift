import Matrix
import TestSupport
import Testing

/// Typing and receipts.
@Suite struct EphemeralTests {
    @Test(arguments: TestDatabase.allCases) func typingStartsAndStops(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync()
            #expect(first.joined(room)?.typing == nil)
            try await world.type(bob, in: room)
            let second = try await world.sync(since: first.next, timeoutMS: 10_000)
            #expect(second.joined(room)?.typing == [bob])
            #expect(second.joined(room)?.timeline.isEmpty == true)
            // Again: nothing new.
            try await world.type(bob, in: room)
            try await world.type(alice, in: room)
            let third = try await world.awaitSync(since: second.next) { $0.joined(room)?.typing?.count == 2 }
            #expect(third.joined(room)?.typing == [alice, bob])
            #expect(try await world.sync().joined(room)?.typing == [alice, bob])
            try await world.type(bob, in: room, isTyping: false)
            let fourth = try await world.sync(since: third.next, timeoutMS: 10_000)
            #expect(fourth.joined(room)?.typing == [alice])
            // Whoever leaves no longer types.
            try await world.type(bob, in: room)
            let fifth = try await world.awaitSync(since: fourth.next) { $0.joined(room)?.typing == [alice, bob] }
            try await world.move(.leave, bob, in: room)
            _ = try await world.awaitSync(since: fifth.next) { $0.joined(room)?.typing == [alice] }
        }
    }

    @Test(arguments: TestDatabase.allCases) func typingExpires(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            try await world.type(alice, in: room, lastsMS: 700)
            let second = try await world.awaitSync(since: first.next) { $0.joined(room)?.typing != nil }
            #expect(second.joined(room)?.typing == [alice])
            let third = try await world.awaitSync(since: second.next) { $0.joined(room)?.typing != nil }
            #expect(third.joined(room)?.typing == [])
            #expect(try await world.sync().joined(room)?.typing == [])
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatTimeItIsForOthersDoesNotMatterToTyping(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            try await world.type(alice, in: room, clockIsAheadMS: -3_600_000)
            let second = try await world.awaitSync(since: first.next) { $0.joined(room)?.typing != nil }
            #expect(second.joined(room)?.typing == [alice])
            // As it looks when the database's clock is set back by an hour.
            try await world.database.transaction { try $0.run("UPDATE syncapi_typing SET expires_ts = expires_ts + 3600000") }
            let third = try await world.awaitSync(since: second.next) { $0.joined(room)?.typing != nil }
            #expect(third.joined(room)?.typing == [])
        }
    }

    @Test(arguments: TestDatabase.allCases) func receiptsMoveForwardOnly(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let one = try await world.say("one", in: room), two = try await world.say("two", in: room)
            let first = try await world.sync()
            try await world.read(two, in: room, by: bob)
            let second = try await world.sync(since: first.next, timeoutMS: 10_000)
            #expect(second.joined(room)?.receipts == ["\(two) m.read \(bob)"])
            try await world.read(one, in: room, by: bob)
            try await world.read(two, in: room, by: alice)
            let third = try await world.awaitSync(since: second.next) { !($0.joined(room)?.receipts ?? []).isEmpty }
            #expect(third.joined(room)?.receipts == ["\(two) m.read \(alice)"])
            #expect(try await world.sync().joined(room)?.receipts == ["\(two) m.read \(alice)", "\(two) m.read \(bob)"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func aPrivateReceiptIsForItsUserAlone(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let event = try await world.say("one", in: room)
            let first = try await world.sync(), bobs = try await world.sync(bob)
            try await world.read(event, in: room, by: bob, type: "m.read.private")
            let own = try await world.sync(bob, since: bobs.next, timeoutMS: 10_000)
            #expect(own.joined(room)?.receipts == ["\(event) m.read.private \(bob)"])
            #expect(try await world.sync(since: first.next).isEmpty)
            #expect(try await world.sync().joined(room)?.receipts == [])
        }
    }

    @Test(arguments: TestDatabase.allCases) func receiptsOfThreadsStandBesideEachOther(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let one = try await world.say("one", in: room), two = try await world.say("two", in: room)
            let first = try await world.sync()
            try await world.read(two, in: room, by: alice, thread: "main")
            try await world.read(one, in: room, by: alice)
            _ = try await world.awaitSync(since: first.next) { $0.joined(room)?.receipts.contains("\(one) m.read \(alice)") == true }
            #expect(try await world.sync().joined(room)?.receipts == ["\(one) m.read \(alice)", "\(two) m.read \(alice)"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func receiptsOfThreadsForOneEventAreAllTold(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), one = try await world.say("one", in: room)
            let first = try await world.sync()
            try await world.read(one, in: room, by: alice, thread: "main")
            try await world.read(one, in: room, by: alice)
            try await world.read(one, in: room, by: alice, thread: one)
            _ = try await world.awaitSync(since: first.next) { $0.joined(room)?.threadReceipts.contains("\(one) m.read \(alice) \(one)") == true }
            let room2 = try await world.sync().joined(room)
            #expect(room2?.receipts == ["\(one) m.read \(alice)"])
            #expect(room2?.threadReceipts == ["\(one) m.read \(alice) main", "\(one) m.read \(alice) \(one)"])
            #expect(room2?.events("ephemeral").count == 3)
        }
    }

    @Test(arguments: TestDatabase.allCases) func receiptsOfAThreadAndPrivateOnesMoveForwardOnly(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let one = try await world.say("one", in: room), two = try await world.say("two", in: room)
            let first = try await world.sync()
            for event in [two, one] {
                try await world.read(event, in: room, by: alice, thread: one)
                try await world.read(event, in: room, by: alice, type: "m.read.private")
            }
            try await world.read(one, in: room, by: bob)
            _ = try await world.awaitSync(since: first.next) { $0.joined(room)?.receipts.contains("\(one) m.read \(bob)") == true }
            let told = try await world.sync().joined(room)
            #expect(told?.receipts == ["\(two) m.read \(alice)", "\(two) m.read.private \(alice)", "\(one) m.read \(bob)"])
            #expect(told?.threadReceipts == ["\(two) m.read \(alice) \(one)"])
        }
    }
}
