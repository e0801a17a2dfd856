import Foundation
import Setup
import Surroundings
import TestSupport
import Testing
import Web

/// Eight processes that are started in any order, before what they stand on.
@Suite struct ClusterStartTests {
    @Test func componentsStartInAnyOrderAndOpenToThePublicWhenTheyCanServe() async throws {
        let cluster = try await Cluster(replicas: 1)
        do {
            try await startsBeforeItsDatabase(cluster)
        } catch {
            try await cluster.stop()
            throw TestFailure("\(error)\n\(cluster.logs)")
        }
        try await cluster.stop()
    }

    private func startsBeforeItsDatabase(_ cluster: Cluster) async throws {
        try await cluster.postgres.kill()
        cluster.nats.kill()
        for replica in cluster.all.shuffled() { try replica.process.start() }
        for replica in cluster.all {
            try await eventually("\(replica.process.name) listens") { await replica.health != nil }
            #expect(await replica.health == 503, "\(replica.process.name) is well without NATS")
            let call = try await Client(url: replica.internalURL).ask(
                .post, "/api/\(replica.component)/anything", [:], headers: ["X-Cluster-Token": Cluster.token])
            #expect([404, 503].contains(call.status))
            try await isClosedToThePublic(replica)
        }
        try await cluster.nats.start()
        // clientapi alone needs no database.
        try await cluster.replica(.clientapi).awaitReady()
        for replica in cluster.all where replica.component != .clientapi {
            #expect(await replica.health == 503, "\(replica.process.name) is well without a database")
            try await isClosedToThePublic(replica)
        }
        let waiting = try cluster.replica(.mediaapi).process
        #expect(try await waiting.end(by: SIGTERM) == 0, "told to stop as it waits: \(waiting.log)")
        let early = try await Client(url: cluster.url(.clientapi)).ask(.get, "/_matrix/client/v3/profile/@a:localhost")
        #expect(early.status == 503, "\(early)")
        cluster.postgres.start()
        try await cluster.start()
        let client = try await Client.register("first", at: cluster.url)
        let room = try await client.createRoom()
        let event = try await client.send("hello", to: room, transaction: "1")
        #expect(try await Follower.messages(of: client, in: room) == [event])
    }

    private func isClosedToThePublic(_ replica: Replica) async throws {
        guard let url = replica.externalURL else { return }
        do {
            let answer = try await Client(url: url).ask(.get, "/health")
            Issue.record("\(replica.process.name) answers the public already: \(answer)")
        } catch HTTPClient.Failure.unreachable {}
    }
}
