import Matrix
import Surroundings
import TestSupport
import Testing

/// What an account's own data does beyond the userapi, in one process on SQLite.
@Suite(.serialized) struct AccountTests {
    @Test func whoIsDeactivatedLeavesTheirRoomsAlsoWhenTheProcessDies() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let leaving = try await Client.register("leaving", at: monolith.url)
        let staying = try await Client.register("staying", at: monolith.url)
        let room = try await staying.createRoom(["preset": "public_chat"])
        try await leaving.join(room)
        let invited = try await staying.createRoom(["invite": [.string(leaving.userID)]])
        let auth: JSON = ["type": "m.login.password", "user": .string(leaving.userID), "password": "secret"]
        try await leaving.demand(.post, "/_matrix/client/v3/account/deactivate", ["auth": auth])
        try await monolith.process.end()
        try await monolith.start()
        for room in [room, invited] {
            let path = Client.path(room, "state/m.room.member/\(Client.encoded(leaving.userID))")
            try await eventually("\(room) is left") {
                try await staying.ask(.get, path).json["membership"] == "leave"
            }
        }
    }

    @Test func anOpenIDTokenIsExchangedForItsUser() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let user = try await Client.register("alice", at: monolith.url)
        let path = "/_matrix/client/v3/user/\(Client.encoded(user.userID))/openid/request_token"
        let token = try #require(try await user.demand(.post, path, [:])["access_token"]?.string)
        let anybody = Client(url: monolith.url)
        let info = "/_matrix/federation/v1/openid/userinfo"
        #expect(try await anybody.demand(.get, "\(info)?access_token=\(token)")["sub"] == .string(user.userID))
        #expect(try await anybody.ask(.get, "\(info)?access_token=other").status == 401)
        #expect(try await anybody.ask(.get, info).errcode == "M_MISSING_TOKEN")
    }

    @Test func tagsAndPushRulesComeBySync() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let user = try await Client.register("alice", at: monolith.url)
        let room = try await user.createRoom()
        let since = try #require(try await user.demand(.get, "/_matrix/client/v3/sync")["next_batch"]?.string)
        let mine = "/_matrix/client/v3/user/\(Client.encoded(user.userID))"
        try await user.demand(.put, "\(mine)/rooms/\(Client.encoded(room))/tags/u.work", ["order": 0.5])
        try await user.demand(.put, "/_matrix/client/v3/pushrules/global/room/\(Client.encoded(room))", ["actions": []])
        let sync = try await user.demand(.get, "/_matrix/client/v3/sync?since=\(since)")
        let ofRoom = sync["rooms"]?["join"]?[room]?["account_data"]?["events"]?.array ?? []
        #expect(ofRoom == [["type": "m.tag", "content": ["tags": ["u.work": ["order": 0.5]]]]])
        let global = sync["account_data"]?["events"]?.array ?? []
        let rules = global.first { $0["type"] == "m.push_rules" }
        #expect(rules?["content"]?["global"]?["room"]?[0]?["rule_id"] == .string(room))
    }
}
