import Contracts
import Matrix
import SQL
import TestSupport
import Testing

/// What is changed by what it was: nothing is lost when several change it at once.
@Suite struct ChangeTests {
    @Test(arguments: TestDatabase.allCases) func tagsSetAtOnceAreAllKept(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        _ = try await test.users.call(
                            SetRoomTag(userID: "@alice:test", roomID: "!r:test", tag: "u.\(number)", content: RawJSON(.object([:]))))
                    }
                }
                try await group.waitForAll()
            }
            let tags = try await test.users.call(QueryAccountData(userID: "@alice:test", roomID: "!r:test", type: "m.tag"))
            #expect(tags.content.object?["tags"]?.object?.count == 10)
        }
    }

    @Test func whatChangesNothingIsNotTold() async throws {
        try await TestUsers.on(.sqlite) { test in
            try await test.register("alice")
            for content in [RawJSON(.object([:])), RawJSON(.object([:])), nil, nil] {
                _ = try await test.users.call(
                    SetRoomTag(userID: "@alice:test", roomID: "!r:test", tag: "u.x", content: content))
            }
            // The push rules of the account, and the tag coming and going.
            #expect(try await test.users.call(QueryClientDataOutput(userID: "@alice:test", after: 0)).messages.count == 3)
            let nobody = SetRoomTag(userID: "@bob:test", roomID: "!r:test", tag: "u.x", content: nil)
            #expect(await errcode { _ = try await test.users.call(nobody) } == "M_NOT_FOUND")
        }
    }

    @Test(arguments: TestDatabase.allCases) func openIDTokensAreGoodForAWhile(on kind: TestDatabase) async throws {
        try await kind.with { database in
            let test = try await TestUsers(database) { $0.openIDTokenLifetimeMS = 60_000 }
            try await test.register("alice")
            for _ in 0..<2 {
                let made = try await test.users.call(CreateOpenIDToken(userID: "@alice:test", token: "token"))
                #expect(made.expiresInMS == 60_000)
            }
            #expect(try await test.users.call(QueryOpenIDToken(token: "token")).userID == "@alice:test")
            #expect(await errcode { _ = try await test.users.call(QueryOpenIDToken(token: "other")) } == "M_UNKNOWN_TOKEN")
            #expect(try await !test.isLoggedIn("token"))
            try await test.database.transaction { try $0.run("UPDATE userapi_openid_tokens SET expires_ts = \(sql: .now)") }
            #expect(await errcode { _ = try await test.users.call(QueryOpenIDToken(token: "token")) } == "M_UNKNOWN_TOKEN")
        }
    }
}
