import ClientAPI
import Contracts
import Matrix
import Testing

@Suite struct ServerNoticeTests {
    private static func run(_ body: @escaping @Sendable (TestServer, _ admin: String, TestServer.User) async throws -> Void) async throws {
        try await TestServer.run({
            $0.serverNotices = .init(localpart: "_server", displayName: "Alerts", avatarURL: nil, roomName: "Server Alerts")
        }) { server in
            _ = try await server.users.call(
                RegisterAccount(
                    localpart: "root", password: nil, kind: .user, isAdmin: true, device: NewDevice(accessToken: "root's token")))
            try await body(server, "root's token", try await server.register("alice"))
        }
    }

    @Test func anAdministratorSpeaksForTheServer() async throws {
        try await Self.run { server, admin, alice in
            let body: JSONObject = ["user_id": .string(alice.userID), "content": ["msgtype": "m.text", "body": "Hello"]]
            let path = "/_synapse/admin/v1/send_server_notice"
            let first = try await server.ask(.put, "\(path)/1", body, token: admin)
            #expect(first.status == 200)
            #expect(try await server.ask(.put, "\(path)/1", body, token: admin)["event_id"] == first["event_id"])
            let second = try await server.ask(.post, path, body, token: admin)
            #expect(second["event_id"] != first["event_id"])
            let rooms = try await server.rooms.call(QueryJoinedRooms(userID: "@_server:test")).roomIDs
            let room = try #require(rooms.first)
            #expect(rooms.count == 1)
            let tag = try await server.users.call(QueryAccountData(userID: alice.userID, roomID: room, type: "m.tag"))
            #expect(tag.content.object?["tags"]?["m.server_notice"] != nil)

            #expect(
                try await server.ask(.post, "rooms/\(room)/leave", token: alice.token).errcode == "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM")
            #expect(try await server.ask(.post, "rooms/\(room)/join", token: alice.token).status == 200)
            #expect(
                try await server.ask(.put, "rooms/\(room)/send/m.room.message/1", ["body": "No"], token: alice.token).errcode
                    == "M_FORBIDDEN")
            let name = try await server.ask(.get, "rooms/\(room)/state/m.room.name", token: alice.token)
            #expect(name["name"] == "Server Alerts")
            // Who has left is invited again.
            #expect(try await server.ask(.post, "rooms/\(room)/leave", token: alice.token).status == 200)
            #expect(try await server.ask(.post, path, body, token: admin).status == 200)
            let stands = try await server.rooms.call(QueryMembership(roomID: room, userID: alice.userID)).membership
            #expect(stands == "invite")
        }
    }

    @Test func onlyAdministratorsSpeakForTheServerAndOnlyToItsUsers() async throws {
        try await Self.run { server, admin, alice in
            let path = "/_synapse/admin/v1/send_server_notice"
            func send(_ body: JSONObject, token: String) async throws -> String? {
                try await server.ask(.post, path, body, token: token).errcode
            }
            let content: JSON = ["body": "x"]
            let refusals = [
                try await send(["user_id": .string(alice.userID), "content": content], token: alice.token),
                try await send(["user_id": "@none:test", "content": content], token: admin),
                try await send(["user_id": "@x:other", "content": content], token: admin),
                try await send(["user_id": .string(alice.userID), "content": []], token: admin),
                try await send(["user_id": .string(alice.userID)], token: admin),
            ]
            #expect(refusals == ["M_FORBIDDEN", "M_NOT_FOUND", "M_INVALID_PARAM", "M_BAD_JSON", "M_BAD_JSON"])
        }
    }
}
