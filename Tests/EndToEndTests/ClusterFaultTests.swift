import Foundation
import Setup
import TestSupport
import Testing

/// What is killed takes nothing with it that was acknowledged.
extension ClusterTests {
    private func conversation(_ name: String) async throws -> Conversation {
        try await Conversation.begin(name, at: cluster.url, readers: cluster.readers)
    }

    @Test func nothingAcknowledgedIsLostOrDoubledWhenReplicasAreKilled() async throws {
        try await conversation("kills").goesOn(saying: 150) {
            var victims: [ComponentName] = [.roomserver, .syncapi, .userapi, .roomserver, .syncapi, .userapi, .roomserver, .syncapi]
            victims.shuffle()
            for component in victims {
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...600)))
                let replica = try cluster.replica(component, Int.random(in: 0...1))
                try await replica.killAndRestart()
                try await replica.awaitReady()
            }
        }
    }

    @Test func nothingIsMissingWhenNATSWasKilled() async throws {
        try await conversation("nats-killed").goesOn(saying: 40) {
            for _ in 0..<2 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 100...800)))
                cluster.nats.kill()
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...1_500)))
                try await cluster.nats.start()
            }
        }
    }

    @Test func nothingIsMissingWhenNATSLostItsStreams() async throws {
        try await conversation("nats-emptied").goesOn(saying: 40) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...800)))
            cluster.nats.kill()
            try cluster.nats.forgetStreams()
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...1_500)))
            try await cluster.nats.start()
        }
    }

    @Test func whileTheDatabaseIsAwayEverybodyIsToldSoAndThenItGoesOn() async throws {
        let conversation = try await conversation("postgres")
        let client = conversation.users[0]
        let questions = [
            "/_matrix/client/v3/sync?timeout=0", Client.path(conversation.room, "state"), "/_matrix/client/v3/profile/\(client.userID)",
            Client.path(conversation.room, "messages?dir=b"),
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
