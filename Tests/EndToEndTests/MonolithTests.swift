import Foundation
import Setup
import TestSupport
import Testing

/// What holds of one process on SQLite.
@Suite(.serialized) struct MonolithTests {
    @Test func nothingAcknowledgedIsLostWhenItIsKilled() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let conversation = try await Conversation.begin("killed", at: monolith.url, readers: [monolith.url])
        try await conversation.goesOn(saying: 30) {
            for _ in 0..<4 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...800)))
                try await monolith.process.end()
                try await monolith.start()
            }
        }
    }

    @Test func aSyncTokenGoesOnAfterAKill() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let conversation = try await Conversation.begin("token", at: monolith.url, readers: [monolith.url])
        var follower = Follower(conversation.users[1], in: conversation.room, at: [monolith.url])
        try await follower.sync(timeoutMS: 0)
        var sent: [String] = []
        for round in 0..<3 {
            sent.append(try await conversation.users[0].send("\(round)", to: conversation.room, transaction: "before\(round)"))
            try await monolith.process.end()
            try await monolith.start()
            try await eventually("the message is there") {
                try await follower.sync()
                return follower.messages.count >= sent.count
            }
            #expect(follower.messages == sent)
        }
    }

    @Test func aSecondProcessOnTheSameFilesSaysSoAndEnds() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let twin = try monolith.twin()
        try twin.process.start()
        #expect(try await twin.process.exit() == 1)
        #expect(twin.process.log.contains("another process") || twin.process.log.contains("locked"), "\(twin.process.log)")
        #expect(monolith.process.isRunning)
        _ = try await Client.register("undisturbed", at: monolith.url)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func itLeavesWithNoughtThoughASyncIsOpen(signal: Int32) async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let client = try await Client.register("leaving", at: monolith.url)
        let sync = try await client.demand(.get, "/_matrix/client/v3/sync")
        let since = try #require(sync["next_batch"]?.string)
        async let parked = client.ask(.get, "/_matrix/client/v3/sync?timeout=60000&since=\(since)", timeout: .seconds(60))
        try await client.demand(.get, "/_matrix/client/v3/sync?timeout=0&since=\(since)")
        #expect(try await monolith.process.end(by: signal) == 0, "\(monolith.process.log)")
        #expect(try await parked.status == 200)
    }
}
