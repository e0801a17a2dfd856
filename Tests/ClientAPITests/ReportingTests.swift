import Contracts
import Matrix
import Testing

@Suite struct ReportingTests {
    @Test func eventsRoomsAndUsersAreReported() async throws {
        try await TestServer.run { server in
            let alice = try await server.register("alice"), bob = try await server.register("bob")
            let created = try await server.ask(.post, "createRoom", ["preset": "public_chat"], token: alice.token)
            let room = try #require(created["room_id"]?.string)
            let sent = try await server.ask(.put, "rooms/\(room)/send/m.room.message/1", ["body": "bad"], token: alice.token)
            let event = try #require(sent["event_id"]?.string)
            func report(_ path: String, _ body: JSONObject) async throws -> String {
                let answer = try await server.ask(.post, path, body, token: bob.token)
                return "\(answer.status) \(answer.errcode ?? "")"
            }
            #expect(try await report("rooms/\(room)/report/\(event)", ["reason": "spam"]) == "404 M_NOT_FOUND")
            _ = try await server.ask(.post, "join/\(room)", token: bob.token)
            #expect(try await report("rooms/\(room)/report/\(event)", ["reason": "spam", "score": -50]) == "200 ")
            #expect(try await report("rooms/\(room)/report/\(event)", [:]) == "200 ")
            #expect(try await report("rooms/\(room)/report/\(event)", ["score": 7]) == "400 M_BAD_JSON")
            #expect(try await report("rooms/\(room)/report", ["reason": ""]) == "200 ")
            #expect(try await report("rooms/\(room)/report", [:]) == "400 M_BAD_JSON")
            #expect(try await report("rooms/!none:test/report", ["reason": ""]) == "404 M_NOT_FOUND")
            #expect(try await report("users/\(alice.userID)/report", ["reason": "rude"]) == "200 ")
            #expect(try await report("users/@none:test/report", ["reason": "rude"]) == "404 M_NOT_FOUND")
        }
    }

    @Test func administratorsReadAndDeleteWhatWasTold() async throws {
        try await TestServer.run { server in
            _ = try await server.users.call(
                RegisterAccount(
                    localpart: "root", password: nil, kind: .user, isAdmin: true, device: NewDevice(accessToken: "root's token")))
            let alice = try await server.register("alice")
            let room = try #require(try await server.ask(.post, "createRoom", ["name": "N"], token: alice.token)["room_id"]?.string)
            for number in 1...3 {
                let sent = try await server.ask(
                    .put, "rooms/\(room)/send/m.room.message/\(number)", ["body": "bad"], token: alice.token)
                let event = try #require(sent["event_id"]?.string)
                _ = try await server.ask(.post, "rooms/\(room)/report/\(event)", ["reason": .string("\(number)")], token: alice.token)
            }
            let path = "/_synapse/admin/v1/event_reports"
            #expect(try await server.ask(.get, path, token: alice.token).errcode == "M_FORBIDDEN")
            let page = try await server.ask(.get, "\(path)?limit=2", token: "root's token")
            #expect(page["event_reports"]?.array?.compactMap { $0["reason"]?.string } == ["3", "2"])
            #expect(page["event_reports"]?.array?.first?["name"] == "N")
            #expect(page["next_token"] == 2)
            #expect(page["total"] == 3)
            let rest = try await server.ask(.get, "\(path)?limit=2&from=2", token: "root's token")
            #expect(rest["event_reports"]?.array?.count == 1)
            #expect(rest["next_token"] == nil)
            let id = try #require(rest["event_reports"]?.array?.first?["id"]?.integer)
            let one = try await server.ask(.get, "\(path)/\(id)", token: "root's token")
            #expect(one["event_json"]?["content"]?["body"] == "bad")
            #expect(try await server.ask(.delete, "\(path)/\(id)", token: "root's token").status == 200)
            #expect(try await server.ask(.delete, "\(path)/\(id)", token: "root's token").errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.get, "\(path)/x", token: "root's token").errcode == "M_INVALID_PARAM")
        }
    }
}
