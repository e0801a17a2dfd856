import Foundation
import Matrix
import Setup
import Surroundings
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
        async let here = client.at(cluster.url(.clientapi, 0)).send("twice", to: room, transaction: "t2")
        async let there = client.at(cluster.url(.clientapi, 1)).send("twice", to: room, transaction: "t2")
        let both = try await [here, there]
        #expect(both[0] == both[1] && both[0] != first)
        #expect(try await Follower.messages(of: client, in: room) == [both[0], first])
    }

    @Test func aNameIsGivenOnceWhoeverIsAsked() async throws {
        let body: JSON = ["username": "wanted", "password": "secret", "auth": ["type": "m.login.dummy"]]
        let register = { @Sendable (number: Int) async throws -> Answer in
            try await Client(url: cluster.url(.clientapi, number)).ask(.post, "/_matrix/client/v3/register", body)
        }
        async let one = register(0), other = register(1)
        let answers = try await [one, other].sorted { $0.status < $1.status }
        #expect(answers[0].status == 200, "\(answers)")
        #expect(answers[1].errcode == "M_USER_IN_USE", "\(answers)")

        let client = try await Client.logIn("wanted", at: cluster.url)
        let create = { @Sendable (number: Int) async throws -> Answer in
            let body: JSON = ["room_alias_name": "wanted"]
            return try await client.at(cluster.url(.clientapi, number)).ask(.post, "/_matrix/client/v3/createRoom", body)
        }
        async let first = create(0), second = create(1)
        let rooms = try await [first, second].sorted { $0.status < $1.status }
        #expect(rooms[0].status == 200, "\(rooms)")
        #expect(rooms[1].errcode == "M_ROOM_IN_USE", "\(rooms)")
        let resolved = try await client.demand(.get, "/_matrix/client/v3/directory/room/%23wanted%3Alocalhost")
        #expect(resolved["room_id"] == rooms[0].json["room_id"])
    }

    @Test func whatOneReplicaWasToldTheOtherKnows() async throws {
        let client = try await Client.register("told", at: cluster.url)
        let path = "/_matrix/client/v3/user/\(Client.encoded(client.userID))/filter"
        let filter = try await client.at(cluster.url(.syncapi, 0)).demand(.post, path, ["room": ["timeline": ["limit": 3]]])
        let known = try await client.at(cluster.url(.syncapi, 1)).demand(.get, "\(path)/\(filter["filter_id"]?.string ?? "")")
        #expect(known["room"]?["timeline"]?["limit"]?.integer == 3)

        // A session of user-interactive authentication begins here and ends there.
        let password = "/_matrix/client/v3/account/password"
        let asked = try await client.at(cluster.url(.clientapi, 0)).ask(.post, password, ["new_password": "another"])
        let session = try #require(asked.json["session"]?.string, "\(asked)")
        #expect(asked.status == 401)
        let proof: JSON = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "told"], "password": "secret",
            "session": .string(session),
        ]
        try await client.at(cluster.url(.clientapi, 1)).demand(.post, password, ["new_password": "another", "auth": proof])

        let upload = try await client.at(cluster.url(.mediaapi, 0)).demand(.post, "/_matrix/media/v3/upload", ["a": "picture"])
        let uri = try #require(upload["content_uri"]?.string)
        let media = "/_matrix/client/v1/media/download/\(uri.dropFirst("mxc://".count))"
        #expect(try await client.at(cluster.url(.mediaapi, 1)).demand(.get, media) == ["a": "picture"])
    }

    @Test func aThirdReplicaServesAtOnce() async throws {
        let client = try await Client.register("third", at: cluster.url)
        let room = try await client.createRoom()
        let event = try await client.send("to whoever is there", to: room, transaction: "1")
        for component in [ComponentName.syncapi, .clientapi] {
            let third = try cluster.spare(component)
            try third.process.start()
            try await third.awaitReady()
            let reader = client.at(try #require(third.externalURL))
            if component == .syncapi { #expect(try await Follower.messages(of: reader, in: room) == [event]) }
            if component == .clientapi { #expect(try await reader.send("again", to: room, transaction: "1") == event) }
            #expect(try await third.process.end(by: SIGTERM) == 0, "\(third.process.log.suffix(1_000))")
        }
    }
}
