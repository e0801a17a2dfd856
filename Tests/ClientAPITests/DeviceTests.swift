import Matrix
import Testing
import Web

@Suite struct DeviceTests {
    private func password(_ user: String, _ password: String = "correct horse", session: JSON? = nil) -> JSON {
        var auth: JSONObject = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(user)],
            "password": .string(password),
        ]
        auth["session"] = session
        return .object(auth)
    }

    @Test func devicesAreListedAndRenamed() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice")
            _ = try await server.logIn("alice", deviceID: "A")
            let list = try await server.ask(.get, "devices", token: user.token)["devices"]?.array
            #expect(Set(list?.compactMap { $0["device_id"]?.string } ?? []) == ["A", user.deviceID])
            #expect(try await server.ask(.put, "devices/A", ["display_name": "kitchen"], token: user.token).status == 200)
            #expect(try await server.ask(.put, "devices/A", [:], token: user.token).status == 200)
            #expect(try await server.ask(.get, "devices/A", token: user.token)["display_name"] == "kitchen")
            for method in [Web.Method.get, .put] {
                let answer = try await server.ask(method, "devices/unknown", ["display_name": "x"], token: user.token)
                #expect(answer.status == 404 && answer.errcode == "M_NOT_FOUND")
            }
        }
    }

    @Test func aDeviceIsDeletedByItsOwnersPassword() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice"), other = try await server.logIn("alice", deviceID: "A")
            _ = try await server.register("eve")
            func delete(_ body: JSONObject?) async throws -> TestServer.Answer {
                try await server.ask(.delete, "devices/A", body, token: user.token)
            }
            let first = try await delete(nil)
            #expect(first.status == 401 && first["session"]?.string != nil)
            #expect(first["flows"] == [["stages": ["m.login.password"]]] && first["params"] == [:])
            let wrong = try await delete(["auth": password("@alice:test", "cashewnuts")])
            #expect(wrong.status == 401 && wrong.errcode == "M_FORBIDDEN" && wrong["session"] != nil)
            #expect(try await delete(["auth": password("@eve:test")]).status == 403)
            #expect(try await delete(["auth": password("@eve:test", "wrong")]).status == 403)
            #expect(try await server.ask(.get, "devices/A", token: user.token).status == 200)
            #expect(try await delete(["auth": password("@alice:test", session: first["session"])]).status == 200)
            #expect(try await server.ask(.get, "devices/A", token: user.token).status == 404)
            #expect(try await server.ask(.get, "account/whoami", token: other.token).status == 401)
        }
    }

    @Test func aSessionIsGoodForItsOwnOperationAndUserAlone() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice"), eve = try await server.register("eve")
            for id in ["A", "B"] { _ = try await server.logIn("alice", deviceID: id) }
            let session = try await server.ask(.delete, "devices/A", [:], token: user.token)["session"]
            let body: JSONObject = ["auth": password("@alice:test", session: session)]
            #expect(try await server.ask(.delete, "devices/B", body, token: user.token).status == 403)
            #expect(try await server.ask(.delete, "devices/A", body, token: eve.token).status == 403)
            #expect(try await server.ask(.get, "devices/B", token: user.token).status == 200)
            #expect(try await server.ask(.delete, "/_matrix/client/r0/devices/A", body, token: user.token).status == 200)
            // What was proved is proved for that operation.
            let again: JSONObject = ["auth": ["session": session ?? nil]]
            #expect(try await server.ask(.delete, "devices/A", again, token: user.token).status == 200)
        }
    }

    @Test func severalDevicesAreDeletedAtOnce() async throws {
        try await TestServer.run { server in
            let user = try await server.register("alice")
            for id in ["A", "B", "C"] { _ = try await server.logIn("alice", deviceID: id) }
            let first = try await server.ask(.post, "delete_devices", ["devices": ["A", "B"]], token: user.token)
            #expect(first.status == 401)
            let body: JSONObject = ["auth": password("alice", session: first["session"])]
            #expect(try await server.ask(.post, "delete_devices", body, token: user.token).status == 200)
            let left = try await server.ask(.get, "devices", token: user.token)["devices"]?.array
            #expect(Set(left?.compactMap { $0["device_id"]?.string } ?? []) == ["C", user.deviceID])
        }
    }
}
