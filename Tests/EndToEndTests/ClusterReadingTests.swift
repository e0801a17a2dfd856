import Foundation
import Matrix
import Setup
import Surroundings
import TestSupport
import Testing

/// What was done by any replica is read at any other, from any replica's token on.
extension ClusterTests {
    @Test func whatAClientDidByOneReplicaItReadsByAnother() async throws {
        let host = try await Client.register("host", at: cluster.url), guest = try await Client.register("visitor", at: cluster.url)
        let room = try await host.createRoom(["preset": "public_chat"])
        var since = try await token(of: guest)
        for round in 0..<100 {
            let writer = guest.at(try cluster.url(.clientapi, round % 2))
            try await writer.demand(.post, Client.path(room, "join"), [:])
            since = try await reads(room, by: guest, round, since: since, "its join") { $0["state_key"]?.string == guest.userID }
            let said = try await writer.send("here \(round)", to: room, transaction: "r\(round)")
            since = try await reads(room, by: guest, round, since: since, "what it said") { $0["event_id"]?.string == said }
            try await guest.at(cluster.url(.clientapi, 1 - round % 2)).demand(.post, Client.path(room, "leave"), [:])
            let sync = try await guest.at(cluster.url(.syncapi, round / 2 % 2)).demand(
                .get, "/_matrix/client/v3/sync?timeout=0&since=\(since)")
            #expect(sync["rooms"]?["leave"]?[room] != nil, "round \(round): /sync after /leave")
            since = sync["next_batch"]?.string ?? since
        }
    }

    /// Sees an event as the last of a room, by `/messages` at one replica and by `/sync` at the other; returns the token.
    private func reads(
        _ room: String, by client: Client, _ round: Int, since: String, _ what: String, _ isIt: (JSON) -> Bool
    ) async throws -> String {
        let first = round / 2 % 2
        let page = try await client.at(cluster.url(.syncapi, first)).demand(.get, Client.path(room, "messages?dir=b&limit=5"))
        #expect(page["chunk"]?.array?.first.map(isIt) == true, "round \(round): /messages does not show \(what): \(page)")
        let sync = try await client.at(cluster.url(.syncapi, 1 - first)).demand(
            .get, "/_matrix/client/v3/sync?timeout=0&since=\(since)")
        let timeline = sync["rooms"]?["join"]?[room]?["timeline"]?["events"]?.array
        #expect(timeline?.last.map(isIt) == true, "round \(round): /sync does not show \(what): \(sync)")
        return try #require(sync["next_batch"]?.string)
    }

    @Test func whatIsNestedAsDeepAsIsTakenIsTold() async throws {
        func nested(_ depth: Int) -> JSON { (1..<depth).reduce([:] as JSON) { inner, _ in ["a": inner] } }
        let user = try await Client.register("nester", at: cluster.url)
        let room = try await user.createRoom()
        let since = try await token(of: user)
        let data = "/_matrix/client/v3/user/\(Client.encoded(user.userID))/account_data/org.example.deep"
        #expect(try await user.ask(.put, data, nested(101)).status == 400)
        try await user.demand(.put, data, nested(100))
        #expect(try await user.ask(.put, Client.path(room, "send/org.example.deep/1"), nested(100)).status == 400)
        try await user.demand(.put, Client.path(room, "send/org.example.deep/2"), nested(99))
        try await user.demand(.put, Client.path(room, "state/org.example.deep"), nested(99))
        let said = try await user.send("after it", to: room, transaction: "3")
        let sync = try await user.demand(.get, "/_matrix/client/v3/sync?timeout=0&since=\(since)")
        let told = sync["rooms"]?["join"]?[room]?["timeline"]?["events"]?.array ?? []
        #expect(told.prefix(2).map { $0["content"] } == [nested(99), nested(99)])
        #expect(told.last?["event_id"]?.string == said)
        #expect(sync["account_data"]?["events"]?.array?.map { $0["content"] } == [nested(100)])
        #expect(try await user.demand(.get, Client.path(room, "state/org.example.deep")) == nested(99))
        #expect(try await user.demand(.get, data) == nested(100))
    }

    @Test func aSyncTokenGoesOnAtAnyReplicaAlsoForTypingAndAfterNATSLostItsStreams() async throws {
        let typist = try await Client.register("typist", at: cluster.url), reader = try await Client.register("reader", at: cluster.url)
        let room = try await typist.createRoom(["preset": "public_chat"])
        try await reader.join(room)
        var since = try await token(of: reader)
        for round in 0..<6 {
            if round == 3 {
                cluster.nats.kill()
                do { try cluster.nats.forgetStreams() } catch {
                    try await cluster.nats.start()
                    throw error
                }
                try await cluster.nats.start()
            }
            for isTyping in [true, false] {
                try await typist.at(cluster.url(.clientapi, round % 2)).insist(
                    .put, Client.path(room, "typing/\(Client.encoded(typist.userID))"), ["typing": .bool(isTyping), "timeout": 30_000])
                let shown = isTyping ? [typist.userID] : []
                var shows = 0, turn = round
                try await eventually("/sync shows that \(shown) type") {
                    let here = reader.at(try cluster.url(.syncapi, turn % 2))
                    turn += 1
                    let sync = try await here.insist(.get, "/_matrix/client/v3/sync?timeout=1000&since=\(since)")
                    since = sync["next_batch"]?.string ?? since
                    if typing(in: sync, room) == shown { shows += 1 }
                    return shows > 0
                }
                // Where it was not asked yet, the token says that this is known.
                let again = try await reader.at(cluster.url(.syncapi, turn % 2)).demand(
                    .get, "/_matrix/client/v3/sync?timeout=0&since=\(since)")
                #expect(typing(in: again, room) == nil, "round \(round): typing is shown twice: \(again)")
            }
        }
    }

    private func typing(in sync: JSON, _ room: String) -> [String]? {
        let events = sync["rooms"]?["join"]?[room]?["ephemeral"]?["events"]?.array ?? []
        return events.first { $0["type"]?.string == "m.typing" }?["content"]?["user_ids"]?.array?.compactMap(\.string)
    }

    private func token(of client: Client) async throws -> String {
        try #require(try await client.insist(.get, "/_matrix/client/v3/sync?timeout=0")["next_batch"]?.string)
    }
}
