import Contracts
import Matrix
import SQL
import TestSupport
import Testing

@Suite struct RefreshTests {
    private func logIn(_ test: TestUsers, _ token: String = "T1", _ refresh: String? = "R1") async throws -> CreateDevice.Reply {
        try await test.users.call(
            CreateDevice(userID: "@alice:test", device: NewDevice(accessToken: token, deviceID: "D", refreshToken: refresh)))
    }

    private func refresh(_ test: TestUsers, _ old: String, _ number: Int) async -> String? {
        await errcode {
            _ = try await test.users.call(
                RefreshAccessToken(refreshToken: old, newAccessToken: "T\(number)", newRefreshToken: "R\(number)"))
        }
    }

    @Test(arguments: TestDatabase.allCases) func theOldTokensLastUntilANewOneIsUsed(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            #expect(try await logIn(test).expiresInMS == 300_000)
            #expect(await refresh(test, "R1", 2) == nil)
            #expect(try await test.isLoggedIn("T1"))
            // The answer was lost, and it is asked for again: the first answer's tokens are nobody's.
            #expect(await refresh(test, "R1", 3) == nil)
            #expect(try await !test.isLoggedIn("T2"))
            #expect(try await test.isLoggedIn("T3"))
            #expect(try await !test.isLoggedIn("T1"))
            for old in ["R1", "R2", "T3"] { #expect(await refresh(test, old, 9) == "M_UNKNOWN_TOKEN") }
            // The next refresh token may be the first to be used.
            #expect(await refresh(test, "R3", 4) == nil)
            #expect(await refresh(test, "R4", 5) == nil)
            #expect(try await !test.isLoggedIn("T3"))
            for token in ["T4", "T5"] { #expect(try await test.isLoggedIn(token)) }
            #expect(try await test.users.call(QueryAccessToken(token: "T5")).deviceID == "D")
            #expect(try await !test.isLoggedIn("T4"))
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsTooOldIsASoftLogout(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            _ = try await logIn(test)
            try await test.database.transaction {
                try $0.run("UPDATE userapi_devices SET token_expires_ts = \(sql: .now) WHERE device_id = 'D'")
            }
            do {
                _ = try await test.users.call(QueryAccessToken(token: "T1"))
                Issue.record("it is good")
            } catch let error as MatrixError {
                #expect(error.errcode == "M_UNKNOWN_TOKEN" && error.fields["soft_logout"] == true)
            }
            #expect(await refresh(test, "R1", 2) == nil)
            #expect(try await test.isLoggedIn("T2"))
            // A token that is not refreshed does not grow old.
            #expect(try await test.isLoggedIn("alice's token"))
        }
    }

    @Test func aLogoutEndsAllOfThem() async throws {
        try await TestUsers.on(.sqlite) { test in
            try await test.register("alice")
            _ = try await logIn(test)
            #expect(await refresh(test, "R1", 2) == nil)
            _ = try await test.users.call(DeleteDevices(userID: "@alice:test", deviceIDs: ["D"]))
            for token in ["T1", "T2"] { #expect(try await !test.isLoggedIn(token)) }
            for old in ["R1", "R2"] { #expect(await refresh(test, old, 9) == "M_UNKNOWN_TOKEN") }
            // Logging in without one ends what was there.
            _ = try await logIn(test, "T3", "R3")
            #expect(try await logIn(test, "T4", nil).expiresInMS == nil)
            #expect(await refresh(test, "R3", 9) == "M_UNKNOWN_TOKEN")
            #expect(try await test.isLoggedIn("T4"))
        }
    }

    @Test(arguments: TestDatabase.allCases) func aLoginTokenLogsInOnce(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            func spend(_ token: String) async -> String? {
                await errcode { _ = try await test.users.call(SpendLoginToken(token: token)) }
            }
            for _ in 0..<2 {
                #expect(try await test.users.call(CreateLoginToken(userID: "@alice:test", token: "L")).expiresInMS == 120_000)
            }
            #expect(await spend("other") == "M_FORBIDDEN")
            #expect(await spend("L") == nil)
            #expect(await spend("L") == "M_FORBIDDEN")
            _ = try await test.users.call(CreateLoginToken(userID: "@alice:test", token: "M"))
            try await test.database.transaction { try $0.run("UPDATE userapi_login_tokens SET expires_ts = \(sql: .now)") }
            #expect(await spend("M") == "M_FORBIDDEN")
            let nobody = CreateLoginToken(userID: "@bob:test", token: "N")
            #expect(await errcode { _ = try await test.users.call(nobody) } == "M_NOT_FOUND")
        }
    }
}
