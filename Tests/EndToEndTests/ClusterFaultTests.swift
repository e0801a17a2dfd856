import Foundation
import Setup
import Surroundings
import TestSupport
import Testing

/// What is killed takes nothing with it that was acknowledged.
extension ClusterTests {
    private func conversation(_ name: String) async throws -> Conversation {
        try await Conversation.begin(name, at: cluster.url, readers: cluster.readers)
    }

    @Test func nothingAcknowledgedIsLostOrDoubledWhenReplicasAreKilled() async throws {
        try await conversation("kills").goesOn(saying: 150) {
            var victims = [
                ComponentName.roomserver, .syncapi, .userapi, .roomserver, .syncapi, .userapi, .roomserver, .clientapi,
            ]
            victims.shuffle()
            for component in victims {
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...600)))
                let replica = try cluster.replica(component, Int.random(in: 0...1))
                try await replica.killAndRestart()
                try await replica.awaitReady()
            }
        }
    }

    @Test func nothingIsMissingWhenAllWasKilledAtOnce() async throws {
        try await conversation("power").goesOn(saying: 20) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...800)))
            for replica in cluster.all { replica.process.signal(SIGKILL) }
            cluster.nats.kill()
            try await cluster.postgres.kill()
            for replica in cluster.all { _ = try await replica.process.exit() }
            cluster.postgres.start()
            try await cluster.nats.start()
            try await cluster.start()
        }
    }

    @Test func aSyncapiThatHangsIsReplacedAndDoesNoHarmWhenItWakes() async throws {
        // Who projects is the one that said last that it took the lease.
        let replicas = [try cluster.replica(.syncapi, 0), try cluster.replica(.syncapi, 1)].sorted { $0.lastLease < $1.lastLease }
        let hung = try #require(replicas.last), other = try #require(replicas.first?.externalURL)
        let conversation = try await Conversation.begin("hung", at: cluster.url, readers: [other])
        let client = conversation.users[0], besides = try await client.createRoom()
        try await conversation.goesOn(saying: 20) {
            hung.process.signal(SIGSTOP)
            do {
                var follower = Follower(client, in: besides, at: [other])
                let event = try await client.send("is anybody there?", to: besides, transaction: "hung")
                try await eventually("the other replica shows what was said") {
                    try await follower.sync()
                    return follower.messages.contains(event)
                }
            } catch {
                hung.process.signal(SIGCONT)
                throw error
            }
            hung.process.signal(SIGCONT)
        }
    }

    @Test func nothingIsMissingWhenNATSWasKilled() async throws {
        try await conversation("nats-killed").goesOn(saying: 40) {
            for _ in 0..<3 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 100...800)))
                cluster.nats.kill()
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...1_500)))
                try await cluster.nats.start()
            }
        }
    }

    @Test func nothingIsMissingWhenNATSLostItsStreams() async throws {
        let conversation = try await conversation("nats-emptied")
        let user = conversation.users[0]
        let accountData = "/_matrix/client/v3/user/\(Client.encoded(user.userID))/account_data/org.example.test"
        let receipt = Client.path(conversation.room, "receipt/m.read/%24nothing")
        let since = try await user.demand(.get, "/_matrix/client/v3/sync")["next_batch"]?.string ?? ""
        try await conversation.goesOn(saying: 40) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...800)))
            cluster.nats.kill()
            do {
                try cluster.nats.forgetStreams()
                // What has a database of its own takes note; what only NATS can carry is refused, and not for good.
                try await user.insist(.put, accountData, ["set": "without NATS"])
                let refused = try await user.ask(.post, receipt, [:])
                #expect(refused.status == 503, "\(refused)")
            } catch {
                try await cluster.nats.start()
                throw error
            }
            try await cluster.nats.start()
        }
        try await eventually("/sync shows the account data") {
            let sync = try await user.insist(.get, "/_matrix/client/v3/sync?timeout=1000&since=\(since)", at: cluster.readers)
            let events = sync["account_data"]?["events"]?.array ?? []
            return events.contains { $0["content"]?["set"]?.string == "without NATS" }
        }
        let typing = Client.path(conversation.room, "typing/\(Client.encoded(user.userID))")
        try await user.insist(.put, typing, ["typing": true, "timeout": 30_000])
        var next = since
        try await eventually("/sync shows who is typing") {
            let sync = try await conversation.users[1].insist(
                .get, "/_matrix/client/v3/sync?timeout=1000&since=\(next)", at: cluster.readers)
            next = sync["next_batch"]?.string ?? next
            let events = sync["rooms"]?["join"]?[conversation.room]?["ephemeral"]?["events"]?.array ?? []
            return events.contains { $0["content"]?["user_ids"]?.array?.contains(.string(user.userID)) ?? false }
        }
    }

    @Test func whileTheDatabaseIsAwayEverybodyIsToldSoAndThenItGoesOn() async throws {
        let conversation = try await conversation("postgres")
        let client = conversation.users[0]
        let questions = [
            "/_matrix/client/v3/sync?timeout=0", Client.path(conversation.room, "state"),
            "/_matrix/client/v3/profile/\(client.userID)", Client.path(conversation.room, "messages?dir=b"),
        ]
        try await conversation.goesOn(saying: 10) {
            try await cluster.postgres.kill()
            do {
                // Whose token is cached still hears it from the component that is asked; at last everybody does.
                for path in questions {
                    try await eventually("\(path) answers 503") {
                        let status = try await client.ask(.get, path).status
                        #expect([200, 502, 503, 504].contains(status), "\(path): \(status)")
                        return status == 503
                    }
                }
                for component in [ComponentName.roomserver, .userapi, .syncapi] {
                    let replica = try cluster.replica(component)
                    try await eventually("\(component) says that it is not well") { await replica.health == 503 }
                }
                for replica in cluster.all { #expect(replica.process.isRunning, "\(replica.process.name) has ended") }
            } catch {
                cluster.postgres.start()
                throw error
            }
            cluster.postgres.start()
        }
        for replica in cluster.all { try await replica.awaitReady() }
    }

    @Test func aReplicaThatIsToldToStopLeavesWithNought() async throws {
        let client = try await Client.register("leaving", at: cluster.url)
        let sync = try await client.at(cluster.url(.syncapi, 1)).demand(.get, "/_matrix/client/v3/sync")
        let since = try #require(sync["next_batch"]?.string)
        let parked = client.at(try cluster.url(.syncapi, 1))
        async let answer = parked.ask(.get, "/_matrix/client/v3/sync?timeout=60000&since=\(since)", timeout: .seconds(60))
        // Until it is surely parked: another request of the same connection pool has come and gone since.
        try await parked.demand(.get, "/_matrix/client/v3/sync?timeout=0&since=\(since)")
        let leaving = try ComponentName.allCases.map { try cluster.replica($0, 1).process }
        for (index, process) in leaving.enumerated() { process.signal(index % 2 == 0 ? SIGTERM : SIGINT) }
        for process in leaving {
            let status = try await process.exit(within: .seconds(30))
            #expect(status == 0, "\(process.name) ended with \(status):\n\(process.log.suffix(1_000))")
        }
        #expect(try await answer.status == 200)
        #expect(try await client.ask(.get, "/_matrix/client/v3/sync?timeout=0&since=\(since)").status == 200)
    }
}
