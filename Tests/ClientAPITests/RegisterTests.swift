import Crypto
import Foundation
import Matrix
import Testing

@Suite struct RegisterTests {
    private let dummy: JSON = ["type": "m.login.dummy"]

    @Test func theFlowsAreTold() async throws {
        try await TestServer.run { server in
            let answer = try await server.ask(.post, "register", [:])
            #expect(answer.status == 401)
            #expect(answer["flows"] == [["stages": ["m.login.dummy"]]])
            #expect(answer["params"] == [:] && answer["completed"] == [] && answer["session"]?.string != nil)
            #expect(answer.errcode == nil)
        }
    }

    @Test func aSessionRemembersAndIsGoodOnce() async throws {
        try await TestServer.run { server in
            let first = try await server.ask(
                .post, "register",
                ["username": "Alice", "password": "übers3kr1t", "device_id": "xyzzy", "initial_device_display_name": "name"])
            let auth: JSON = ["type": "m.login.dummy", "session": first["session"] ?? nil]
            let second = try await server.ask(.post, "register", ["auth": auth])
            #expect(second.status == 200 && second["user_id"] == "@alice:test" && second["device_id"] == "xyzzy")
            let again = try await server.ask(.post, "/_matrix/client/r0/register", ["auth": auth])
            #expect(again.body == second.body)
            let device = try await server.ask(.get, "devices/xyzzy", token: second["access_token"]?.string)
            #expect(device["display_name"] == "name")
        }
    }

    @Test func aSessionWithoutANameGivesTheSameOneTwice() async throws {
        try await TestServer.run { server in
            let session = try await server.ask(.post, "register", ["password": "secret"])["session"] ?? nil
            let body: JSONObject = ["password": "secret", "auth": ["type": "m.login.dummy", "session": session]]
            let first = try await server.ask(.post, "register", body)
            #expect(first.status == 200)
            #expect(try await server.ask(.post, "register", body).body == first.body)
        }
    }

    @Test func nobodyIsLoggedInWhoDoesNotWantIt() async throws {
        try await TestServer.run { server in
            let answer = try await server.ask(
                .post, "register", ["username": "alice", "password": "secret", "inhibit_login": true, "auth": dummy])
            #expect(answer.body == ["user_id": "@alice:test", "home_server": "test"])
        }
    }

    @Test func refusals() async throws {
        try await TestServer.run { server in
            _ = try await server.register("alice")
            for (body, errcode) in [
                (["username": "alice"], "M_USER_IN_USE"), (["username": "us,er"], "M_INVALID_USERNAME"),
                (["username": "123"], "M_INVALID_USERNAME"), (["username": 5], "M_BAD_JSON"),
                (["username": "bob", "auth": dummy], "M_MISSING_PARAM"),
                (["username": "alice", "password": "secret", "auth": dummy], "M_USER_IN_USE"),
                (["username": "us,er", "password": "secret", "auth": dummy], "M_INVALID_USERNAME"),
                (["username": "bob", "password": "", "auth": dummy], "M_WEAK_PASSWORD"),
                (["auth": ["type": "m.login.dummy", "session": "made up"]], "M_UNKNOWN"),
            ] as [(JSONObject, String)] {
                let answer = try await server.ask(.post, "register", body)
                #expect(answer.status == 400 && answer.errcode == errcode)
            }
            let invalid = Array("{ \"username\": \"a".utf8) + [0x81] + Array("\" }".utf8)
            #expect(try await server.ask(.post, "register", bytes: invalid).errcode == "M_NOT_JSON")
            let unknown = try await server.ask(.post, "register", ["auth": ["type": "m.login.magic"]])
            #expect(unknown.status == 401 && unknown["flows"] != nil && unknown.errcode == "M_UNRECOGNIZED")
            #expect(try await server.ask(.post, "register?kind=guest", [:]).status == 403)
            #expect(try await server.ask(.post, "register?kind=god", [:]).errcode == "M_INVALID_PARAM")
        }
    }

    @Test func availability() async throws {
        try await TestServer.run { server in
            _ = try await server.register("alice")
            #expect(try await server.ask(.get, "register/available?username=bob").body == ["available": true])
            #expect(try await server.ask(.get, "register/available?username=alice").errcode == "M_USER_IN_USE")
            #expect(try await server.ask(.get, "register/available?username=%C3%A9").errcode == "M_INVALID_USERNAME")
            #expect(try await server.ask(.get, "register/available").errcode == "M_MISSING_PARAM")
        }
    }

    @Test func registrationMayBeDisabled() async throws {
        try await TestServer.run({ $0.registrationDisabled = true }) { server in
            let answer = try await server.ask(.post, "register", [:])
            #expect(answer.status == 403 && answer.errcode == "M_FORBIDDEN")
        }
    }

    @Test func guestsMayBeAdmitted() async throws {
        try await TestServer.run({ $0.guestsDisabled = false }) { server in
            let guest = try await server.ask(.post, "register?kind=guest", [:])
            #expect(guest.status == 200)
            let token = guest["access_token"]?.string
            #expect(try await server.ask(.get, "account/whoami", token: token)["is_guest"] == true)
            #expect(try await server.ask(.get, "devices", token: token).errcode == "M_GUEST_ACCESS_FORBIDDEN")
        }
    }

    @Test func aGuestBecomesAUserOfTheSameName() async throws {
        try await TestServer.run({ $0.guestsDisabled = false }) { server in
            let guest = try await server.ask(.post, "register?kind=guest", [:])
            let other = try await server.ask(.post, "register?kind=guest", [:])
            let userID = try #require(guest["user_id"]?.string)
            let body: JSONObject = [
                "username": .string(String(userID.dropFirst().prefix { $0 != ":" })), "password": "secret",
                "guest_access_token": guest["access_token"] ?? nil,
            ]
            var anothers = body
            anothers["guest_access_token"] = other["access_token"]
            #expect(try await server.ask(.post, "register", anothers).errcode == "M_FORBIDDEN")
            let asked = try await server.ask(.post, "register", body)
            #expect(asked.status == 401)
            anothers["auth"] = dummy
            #expect(try await server.ask(.post, "register", anothers).errcode == "M_FORBIDDEN")
            let auth: JSONObject = ["auth": ["type": "m.login.dummy", "session": asked["session"] ?? nil]]
            let user = try await server.ask(.post, "register", auth)
            #expect(user.status == 200 && user["user_id"]?.string == userID)
            #expect(try await server.ask(.post, "register", auth).body == user.body)
            let me = try await server.ask(.get, "account/whoami", token: user["access_token"]?.string)
            #expect(me.status == 200 && me["is_guest"] != true)
            #expect(try await server.logIn(userID, password: "secret").userID == userID)
            // Who is no guest any more does not become a user again.
            let again = try await server.ask(.post, "register", body.merging(["auth": dummy]))
            #expect(again.errcode == "M_FORBIDDEN")
        }
    }
}

@Suite struct SharedSecretTests {
    private let path = "/_synapse/admin/v1/register"

    private func register(
        _ server: TestServer, _ name: String, secret: String = "reg_secret", admin: Bool = false, nonce: String? = nil
    ) async throws -> TestServer.Answer {
        let fresh = try await server.ask(.get, path)["nonce"]?.string
        let nonce = try #require(nonce ?? fresh)
        let signed = [nonce, name, "secret", admin ? "admin" : "notadmin"].joined(separator: "\0")
        let mac = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return try await server.ask(
            .post, path,
            [
                "nonce": .string(nonce), "username": .string(name), "password": "secret", "admin": .bool(admin),
                "mac": .string(mac.map { String(format: "%02x", $0) }.joined()), "displayname": "A Name",
            ])
    }

    @Test func whoeverKnowsTheSecretMakesAccounts() async throws {
        try await TestServer.run({ ($0.registrationSharedSecret, $0.registrationDisabled) = ("reg_secret", true) }) { server in
            let answer = try await register(server, "AliceA", admin: true)
            #expect(answer.status == 200 && answer["user_id"] == "@alicea:test")
            let token = try #require(answer["access_token"]?.string)
            #expect(try await server.ask(.get, "account/whoami", token: token)["device_id"] == answer["device_id"])
            #expect(try await server.ask(.get, "profile/@alicea:test/displayname")["displayname"] == "A Name")
            #expect(try await register(server, "us,er").errcode == "M_INVALID_USERNAME")
            #expect(try await register(server, "bob", secret: "guessed").status == 403)
            let nonce = try #require(try await server.ask(.get, path)["nonce"]?.string)
            #expect(try await register(server, "carol", nonce: nonce).status == 200)
            #expect(try await register(server, "dave", nonce: nonce).status == 400)
        }
    }

    @Test func withoutASecretItIsNotThere() async throws {
        try await TestServer.run { server in
            let answer = try await server.ask(.get, path)
            #expect(answer.status == 404 && answer.errcode == "M_UNRECOGNIZED")
        }
    }
}
