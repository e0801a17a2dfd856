import Matrix
import Testing
import Web

@Suite struct AdministrationTests {
    private let tokens = "/_synapse/admin/v1/registration_tokens"

    @Test func registrationTokensAreMadeChangedAndDeleted() async throws {
        try await TestServer.run { server async throws in
            let admin = try await server.registerAdministrator("admin"), user = try await server.register("alice")
            #expect(try await server.ask(.get, tokens, token: user.token).errcode == "M_FORBIDDEN")
            let made = try await server.ask(.post, "\(tokens)/new", ["token": "abc", "uses_allowed": 2], token: admin.token)
            let abc: JSON = ["token": "abc", "uses_allowed": 2, "pending": 0, "completed": 0, "expiry_time": nil]
            #expect(made.body == abc)
            #expect(try await server.ask(.post, "\(tokens)/new", ["token": "abc"], token: admin.token).errcode == "M_INVALID_PARAM")
            let random = try await server.ask(.post, "\(tokens)/new", ["length": 7], token: admin.token)
            #expect(random["token"]?.string?.utf8.count == 7 && random["uses_allowed"]?.isNull == true)
            #expect(try await server.ask(.get, "\(tokens)/abc", token: admin.token).body == abc)
            #expect(try await server.ask(.get, "\(tokens)/none", token: admin.token).errcode == "M_NOT_FOUND")
            let changed = try await server.ask(.put, "\(tokens)/abc", ["uses_allowed": 0], token: admin.token)
            #expect(changed["uses_allowed"] == 0)
            func names(_ query: String) async throws -> [JSON?] {
                try await server.ask(.get, "\(tokens)\(query)", token: admin.token)["registration_tokens"]?.array?.map { $0["token"] } ?? []
            }
            #expect(try await names("").count == 2)
            #expect(try await names("?valid=false") == ["abc"])
            #expect(try await names("?valid=true") == [random["token"]])
            let future: JSONObject = ["uses_allowed": nil, "expiry_time": 4_000_000_000_000]
            #expect(try await server.ask(.put, "\(tokens)/abc", future, token: admin.token)["expiry_time"] == 4_000_000_000_000)
            #expect(try await names("?valid=true").count == 2)
            #expect(try await server.ask(.put, "\(tokens)/none", [:], token: admin.token).errcode == "M_NOT_FOUND")
            for body in [
                ["token": "a b"], ["token": ""], ["length": 65], ["length": "5"], ["uses_allowed": -1], ["uses_allowed": 1.5],
                ["expiry_time": 1], ["expiry_time": "soon"],
            ] as [JSONObject] {
                #expect(try await server.ask(.post, "\(tokens)/new", body, token: admin.token).errcode == "M_INVALID_PARAM", "\(body)")
            }
            #expect(try await server.ask(.delete, "\(tokens)/abc", token: admin.token).body == [:])
            #expect(try await server.ask(.delete, "\(tokens)/abc", token: admin.token).errcode == "M_NOT_FOUND")
        }
    }

    @Test func oneUseOfATokenGoesWithEachRegistration() async throws {
        try await TestServer.run({ $0.registrationRequiresToken = true }) { server async throws in
            let admin = try await server.registerAdministrator("admin")
            _ = try await server.ask(.post, "\(tokens)/new", ["token": "abc", "uses_allowed": 1], token: admin.token)
            let validity = "/_matrix/client/v1/register/m.login.registration_token/validity"
            #expect(try await server.ask(.get, "\(validity)?token=abc").body == ["valid": true])
            #expect(try await server.ask(.get, "\(validity)?token=x%00y").body == ["valid": false])
            #expect(try await server.ask(.get, validity).errcode == "M_MISSING_PARAM")

            func begin(_ name: String) async throws -> JSON {
                let first = try await server.ask(.post, "register", ["username": .string(name), "password": "secret"])
                #expect(first.status == 401 && first["flows"] == [["stages": ["m.login.registration_token"]]])
                return first["session"] ?? nil
            }
            func show(_ token: JSON?, _ session: JSON) async throws -> TestServer.Answer {
                let auth: JSON = ["type": "m.login.registration_token", "session": session, "token": token ?? nil]
                return try await server.ask(.post, "register", ["auth": auth])
            }
            let alice = try await begin("alice"), bob = try await begin("bob")
            #expect(try await show("wrong", alice).errcode == "M_UNAUTHORIZED")
            #expect(try await show(nil, alice).errcode == "M_MISSING_PARAM")
            let registered = try await show("abc", alice)
            #expect(registered.status == 200 && registered["user_id"] == "@alice:test")
            // The same again takes no second use.
            #expect(try await show("abc", alice).body == registered.body)
            #expect(try await server.ask(.get, "\(tokens)/abc", token: admin.token)["completed"] == 1)
            #expect(try await show("abc", bob).errcode == "M_UNAUTHORIZED")
            #expect(try await server.ask(.get, "\(validity)?token=abc").body == ["valid": false])
        }
        try await TestServer.run({ $0.registrationDisabled = true }) { server async throws in
            let validity = "/_matrix/client/v1/register/m.login.registration_token/validity?token=abc"
            #expect(try await server.ask(.get, validity).errcode == "M_FORBIDDEN")
        }
    }

    @Test func whoIsIsForOneselfAndAdministrators() async throws {
        try await TestServer.run { server async throws in
            let admin = try await server.registerAdministrator("admin")
            let registered = try await server.ask(
                .post, "register", ["username": "alice", "password": "secret", "auth": ["type": "m.login.dummy"]], from: "10.1.2.3")
            let token = registered["access_token"]?.string, eve = try await server.register("eve")
            for token in [token, admin.token] {
                let answer = try await server.ask(.get, "admin/whois/@alice:test", token: token)
                #expect(answer.status == 200 && answer["user_id"] == "@alice:test")
                let device = registered["device_id"]?.string ?? ""
                let connection = answer["devices"]?[device]?["sessions"]?[0]?["connections"]?[0]
                #expect(connection?["ip"] == "10.1.2.3" && (connection?["last_seen"]?.integer ?? 0) > 0)
            }
            #expect(try await server.ask(.get, "admin/whois/@alice:test", token: eve.token).errcode == "M_FORBIDDEN")
            #expect(try await server.ask(.get, "admin/whois/@nobody:test", token: admin.token).errcode == "M_NOT_FOUND")
            #expect(try await server.ask(.get, "admin/whois/@a:elsewhere", token: admin.token).errcode == "M_INVALID_PARAM")
        }
    }

    @Test func aLockedUserMayOnlyLogOut() async throws {
        try await TestServer.run { server async throws in
            let admin = try await server.registerAdministrator("admin"), user = try await server.register("alice")
            let path = "/_matrix/client/v1/admin/lock/@alice:test"
            #expect(try await server.ask(.get, path, token: admin.token).body == ["locked": false])
            #expect(try await server.ask(.put, path, ["locked": true], token: admin.token).body == ["locked": true])
            #expect(try await server.ask(.get, path, token: admin.token).body == ["locked": true])
            let refused = try await server.ask(.get, "account/whoami", token: user.token)
            #expect(refused.status == 401 && refused.errcode == "M_USER_LOCKED" && refused["soft_logout"] == true)
            let login: JSONObject = ["type": "m.login.password", "user": "alice", "password": "correct horse"]
            #expect(try await server.ask(.post, "login", login).errcode == "M_USER_LOCKED")
            #expect(try await server.ask(.put, path, ["locked": false], token: admin.token).status == 200)
            #expect(try await server.ask(.get, "account/whoami", token: user.token).status == 200)
            #expect(try await server.ask(.put, path, ["locked": true], token: admin.token).status == 200)
            #expect(try await server.ask(.post, "logout", token: user.token).status == 200)
        }
    }

    @Test func aSuspendedUserReadsAndLittleMore() async throws {
        try await TestServer.run { server async throws in
            let admin = try await server.registerAdministrator("admin"), user = try await server.register("alice")
            let path = "/_matrix/client/v1/admin/suspend/@alice:test"
            #expect(try await server.ask(.put, path, ["suspended": true], token: admin.token).body == ["suspended": true])
            #expect(try await server.ask(.get, path, token: admin.token).body == ["suspended": true])
            #expect(try await server.ask(.get, "account/whoami", token: user.token).status == 200)
            for (method, path, body) in [
                (.put, "profile/@alice:test/displayname", ["displayname": "x"]), (.post, "createRoom", [:]),
                (.put, "rooms/!r:test/send/m.room.message/1", ["body": "x"]), (.post, "join/!r:test", [:]),
                (.post, "rooms/!r:test/invite", ["user_id": "@eve:test"]), (.put, "rooms/!r:test/state/m.room.name", [:]),
            ] as [(Web.Method, String, JSONObject)] {
                let answer = try await server.ask(method, path, body, token: user.token)
                #expect(answer.status == 403 && answer.errcode == "M_USER_SUSPENDED", "\(path)")
            }
            #expect(try await server.ask(.put, "user/@alice:test/account_data/x", [:], token: user.token).status == 200)
            #expect(try await server.ask(.put, path, ["suspended": false], token: admin.token).status == 200)
            let body: JSONObject = ["displayname": "x"]
            #expect(try await server.ask(.put, "profile/@alice:test/displayname", body, token: user.token).status == 200)
        }
    }

    @Test func whomNobodyMayRestrain() async throws {
        try await TestServer.run { server async throws in
            let admin = try await server.registerAdministrator("admin"), other = try await server.registerAdministrator("other")
            let user = try await server.register("alice")
            for (kind, key) in [("lock", "locked"), ("suspend", "suspended")] {
                func set(_ target: String, _ token: String, _ body: JSONObject? = nil) async throws -> String? {
                    try await server.ask(
                        .put, "/_matrix/client/v1/admin/\(kind)/\(target)", body ?? [key: true], token: token).errcode
                }
                #expect(try await set("@alice:test", user.token) == "M_FORBIDDEN")
                #expect(try await set("@nobody:test", user.token) == "M_FORBIDDEN")
                #expect(try await set("@nobody:test", admin.token) == "M_NOT_FOUND")
                #expect(try await set("@a:elsewhere", admin.token) == "M_INVALID_PARAM")
                #expect(try await set(other.userID, admin.token) == "M_FORBIDDEN")
                #expect(try await set(admin.userID, admin.token) == "M_FORBIDDEN")
                #expect(try await set("@alice:test", admin.token, [:]) == "M_MISSING_PARAM")
                #expect(try await set("@alice:test", admin.token, [key: "yes"]) == "M_BAD_JSON")
            }
            let capabilities = try await server.ask(.get, "capabilities", token: admin.token)["capabilities"]
            #expect(capabilities?["m.account_moderation"] == ["suspend": true, "lock": true])
            let users = try await server.ask(.get, "capabilities", token: user.token)["capabilities"]
            #expect(users?["m.account_moderation"] == nil)
        }
    }
}
