import Contracts
import SQL
import TestSupport
import Testing

@Suite struct SeenTests {
    @Test(arguments: TestDatabase.allCases) func whereADeviceWasSeenIsNotedNowAndThen(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            func show(_ address: String?) async throws -> QueryConnections.Connection? {
                _ = try await test.users.call(QueryAccessToken(token: "alice's token", ipAddress: address, userAgent: "agent"))
                return try await test.users.call(QueryConnections(userID: "@alice:test")).connections.first
            }
            #expect(try await show("10.0.0.1")?.ipAddress == nil)
            try await test.database.transaction { try $0.run("UPDATE userapi_devices SET last_seen_ts = 1") }
            let seen = try await show("10.0.0.1")
            #expect(seen?.ipAddress == "10.0.0.1" && seen?.userAgent == "agent" && (seen?.lastSeenTS ?? 0) > 1)
            #expect(try await show("10.0.0.2")?.ipAddress == "10.0.0.1")
            // What is not told is as it was.
            try await test.database.transaction { try $0.run("UPDATE userapi_devices SET last_seen_ts = 1") }
            #expect(try await show(nil)?.ipAddress == "10.0.0.1")
        }
    }
}
