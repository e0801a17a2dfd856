import Matrix
import SQL
import TestSupport
import Testing
import Topics

@testable import SyncAPI

/// Which rows of notifications are forgotten.
@Suite struct NotificationPruningTests {
    @Test(arguments: TestDatabase.allCases) func whatEverybodyHasReadIsForgottenAPassLater(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            for user in [bob, carol] { try await world.move(.join, user, in: room) }
            var said: [String] = []
            for index in 0..<4 { said.append(try await world.say("\(index)", in: room, by: index == 3 ? bob : alice)) }
            let thread = try await world.relate("m.thread", to: said[0], in: room)
            func counts() async throws -> [String] {
                var counts: [String] = []
                for user in [alice, bob, carol] { counts.append(try await world.sync(user).joined(room)?.unread ?? "") }
                return counts
            }
            func left() async throws -> Int64? {
                try await world.database.read { try $0.row("SELECT COUNT(*) FROM syncapi_notifications", as: Int64.self) }
            }
            let first = try await world.sync(bob)
            try await world.read(said[3], in: room, by: alice)
            try await world.read(said[2], in: room, by: carol)
            try await world.read(said[3], in: room, by: bob, thread: "main")
            _ = try await world.awaitSync(bob, since: first.next) { $0.joined(room)?.unread == "1 0" }
            let before = try await counts()
            #expect(before == ["0 0", "1 0", "2 0"])
            let pruning = NotificationPruning(serverName: server, database: world.database, logger: quiet)
            try await pruning.pass()
            #expect(try await left() == 5)
            try await pruning.pass()
            // The answer in the thread bob and carol have not read, and what bob said carol has not.
            #expect(try await left() == 2)
            #expect(try await counts() == before)
            try await world.read(thread, in: room, by: carol)
            let second = try await world.sync(bob)
            try await world.read(thread, in: room, by: bob, thread: said[0])
            _ = try await world.awaitSync(bob, since: second.next) { $0.joined(room)?.unread == "0 0" }
            try await world.say("last", in: room)
            _ = try await world.sync()
            try await pruning.pass()
            try await pruning.pass()
            // Alice has not read her own answer, as far as is known.
            #expect(try await left() == 2)
            try await world.read(thread, in: room, by: alice)
            _ = try await world.sync()
            while try await left() != 1 { try await pruning.pass() }
            #expect(try await counts() == ["0 0", "1 0", "1 0"])
        }
    }

    @Test(arguments: TestDatabase.allCases, [1, 2, 3, 4] as [UInt64]) func noCountChanges(kind: TestDatabase, seed: UInt64) async throws {
        try await kind.with { database in
            try await database.migrate("syncapi", SyncMigrations.all)
            var dice = Dice(state: seed)
            let users = (0..<6).map { "@u\($0):\(server)" }, threads = ["main", "$a", "$b", "$c"], last: Int64 = 2_600
            var rows: [NotificationsTable.Row] = [], differences: [NotificationsTable.Difference] = []
            for position in 1...last {
                // One of them says most of it, in some rooms.
                let sender = users[seed % 2 == 0 && dice.roll(10) > 0 ? 0 : dice.roll(5)], thread = threads[max(0, dice.roll(6) - 2)]
                rows.append(.init(position: position, roomID: "!r", threadID: thread, sender: sender, highlights: dice.roll(9) == 0))
                for user in users[1...2] where user != sender && dice.roll(3) > 0 {
                    differences.append(
                        .init(userID: user, roomID: "!r", position: position, threadID: thread, notifies: -1, highlights: 0))
                }
            }
            var receipts: [Receipt] = []
            for user in users.dropLast() where dice.roll(3) > 0 {
                for thread in [nil] + threads.map(Optional.some) where dice.roll(2) == 0 {
                    let event = "$\(1 + dice.roll(Int(last)))"
                    receipts.append(
                        Receipt(roomID: "!r", userID: user, type: "m.read", eventID: event, threadID: thread, timestamp: 1))
                }
            }
            let members = (users + ["@far:elsewhere.org"]).map { user in
                MembershipsTable.Change(place: .init(roomID: "!r", userID: user), membership: "join", position: 1)
            }
            try await database.transaction { [rows, differences, receipts] tx in
                try NotificationsTable.insert(rows, in: tx)
                try NotificationsTable.insert(differences, in: tx)
                try MembershipsTable.upsert(members, in: tx)
                for receipt in receipts {
                    _ = try ReceiptsTable.record(receipt, position: Int64(receipt.eventID.dropFirst()) ?? 0, in: tx)
                }
            }
            func counts() async throws -> [[String: UnreadCounts]] {
                try await database.read { tx in
                    try users.map { try UnreadReader(userID: $0, tx: tx).read(["!r": MembershipHistory(steps: [])], through: last) }
                }
            }
            func left() async throws -> Int64 {
                try await database.read { tx in
                    try tx.row("""
                        SELECT (SELECT COUNT(*) FROM syncapi_notifications) + (SELECT COUNT(*) FROM syncapi_notification_differences)
                        """, as: Int64.self) ?? 0
                }
            }
            let before = try await counts(), all = try await left()
            let pruning = NotificationPruning(serverName: server, database: database, logger: quiet)
            try await pruning.prune("!r", through: 100)
            #expect(try await counts() == before)
            try await pruning.prune("!r", through: last)
            #expect(try await counts() == before)
            let after = try await left()
            #expect(after < all, "\(after) of \(all)")
            try await pruning.prune("!r", through: last)
            #expect(try await counts() == before)
        }
    }

    @Test func countsReachAsFarBackAsThereIsEnoughByOthers() {
        let kept = Int64(NotificationsTable.kept), looked = Int64(NotificationsTable.looked)
        func newest(_ count: Int64, _ sender: (Int64) -> String) -> [(position: Int64, sender: String)] {
            (0..<count).map { (position: 10_000 - $0, sender: sender($0)) }
        }
        #expect(NotificationsTable.reach(of: []) == nil)
        #expect(NotificationsTable.reach(of: newest(kept) { _ in alice }) == nil)
        // By two in turns: twice as many.
        let inTurns = NotificationsTable.reach(of: newest(looked) { $0 % 2 == 0 ? alice : bob })
        #expect(inTurns == NotificationsTable.Reach(position: 10_000 - looked))
        let byThree = NotificationsTable.reach(of: newest(looked) { [alice, bob, carol][Int($0 % 3)] })
        #expect(byThree?.sender == nil && byThree?.position == 10_000 - kept * 3 / 2)
        // Mostly by one: there is enough of it for the others.
        let byOne = NotificationsTable.reach(of: newest(looked) { $0 % 10 == 0 ? bob : alice })
        #expect(byOne == NotificationsTable.Reach(position: 10_000 - looked, sender: alice))
    }
}

/// Numbers that look random, and are the same each time.
private struct Dice {
    var state: UInt64

    mutating func roll(_ sides: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(sides))
    }
}
