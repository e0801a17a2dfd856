import Matrix
import TestSupport
import Testing

/// What holds of eight components, two processes of each. Their tests share one cluster, one after the other; what one
/// has broken the next finds mended.
@Suite(.serialized, .onACluster) struct ClusterTests {
    let cluster: Cluster

    init() async throws {
        cluster = try #require(ClusterTrait.cluster)
        try await cluster.start()
    }
}

/// Any replica answers for all.
extension ClusterTests {
    @Test func aUserOfOneReplicaLogsInByAnother() async throws {
        let registered = try await Client.register("replicas", at: cluster.url(.clientapi, 0))
        let loggedIn = try await Client.logIn("replicas", at: cluster.url(.clientapi, 1))
        #expect(loggedIn.userID == registered.userID)
        for number in 0...1 {
            for client in [registered, loggedIn] {
                let answer = try await client.at(cluster.url(.clientapi, number)).ask(.get, "/_matrix/client/v3/account/whoami")
                #expect(answer.json["user_id"]?.string == registered.userID, "\(answer)")
            }
        }
    }

    @Test func aTransactionIDGivesTheSameEventByAnotherReplica() async throws {
        let client = try await Client.register("transactions", at: cluster.url)
        let room = try await client.createRoom()
        let first = try await client.at(cluster.url(.clientapi, 0)).send("once", to: room, transaction: "t1")
        let again = try await client.at(cluster.url(.clientapi, 1)).send("once", to: room, transaction: "t1")
        #expect(first == again)
        let other = try await client.at(cluster.url(.clientapi, 1)).send("twice", to: room, transaction: "t2")
        #expect(other != first)
        #expect(try await Follower.messages(of: client, in: room) == [other, first])
    }

    @Test func whatIsLoggedOutByOneReplicaIsSoUnknownToTheOther() async throws {
        try await logsOut(await Client.register("logout", at: cluster.url))
    }

    @Test func whatIsLoggedOutIsSoUnknownAlsoWithoutNATS() async throws {
        let client = try await Client.register("logout-quiet", at: cluster.url)
        cluster.nats.kill()
        do { try await logsOut(client) } catch {
            try await cluster.nats.start()
            throw error
        }
        try await cluster.nats.start()
    }

    private func logsOut(_ client: Client) async throws {
        let here = client.at(try cluster.url(.clientapi, 0)), there = client.at(try cluster.url(.clientapi, 1))
        try await there.demand(.get, "/_matrix/client/v3/account/whoami")
        try await here.demand(.post, "/_matrix/client/v3/logout", [:])
        // Five seconds, and one for a machine that has much to do.
        try await eventually("the other replica refuses the token", within: .seconds(6)) {
            let answer = try await there.ask(.get, "/_matrix/client/v3/account/whoami")
            #expect(answer.status == 200 || answer.errcode == "M_UNKNOWN_TOKEN", "\(answer)")
            return answer.status == 401
        }
    }

    @Test func whatAClientDidByOneReplicaItReadsByAnother() async throws {
        let host = try await Client.register("host", at: cluster.url)
        let guest = try await Client.register("visitor", at: cluster.url)
        let joining = guest.at(try cluster.url(.clientapi, 0))
        for round in 0..<8 {
            let room = try await host.createRoom(["preset": "public_chat"])
            let said = try await host.send("welcome", to: room, transaction: "w\(round)")
            try await joining.join(room)
            let reader = guest.at(try cluster.url(.syncapi, round % 2))
            let page = try await reader.ask(.get, Client.path(room, "messages?dir=b&limit=20"))
            let events = page.json["chunk"]?.array ?? []
            #expect(events.first?["state_key"]?.string == guest.userID, "/messages after /join: \(page)")
            #expect(events.contains { $0["event_id"]?.string == said })
            let sync = try await guest.at(cluster.url(.syncapi, 1 - round % 2)).ask(.get, "/_matrix/client/v3/sync?timeout=0")
            #expect(sync.json["rooms"]?["join"]?[room] != nil, "/sync after /join of \(room): \(sync.status)")
        }
    }
}
