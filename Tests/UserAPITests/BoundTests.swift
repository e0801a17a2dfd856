import Contracts
import Matrix
import TestSupport
import Testing
import UserAPI

/// How much of each thing one user may have.
@Suite struct BoundTests {
    @Test(arguments: TestDatabase.allCases) func accountDataHasABoundAndWhatIsThereMayChange(kind: TestDatabase) async throws {
        try await kind.with { database in
            // Push rules are the first.
            let test = try await TestUsers(database) { $0.mostAccountData = 4 }
            try await test.register("a")
            func set(_ type: String, room: String? = nil) async -> String? {
                await errcode {
                    _ = try await test.users.call(
                        SetAccountData(userID: "@a:test", roomID: room, type: type, content: RawJSON(.object([:]))))
                }
            }
            #expect(await set("one") == nil)
            #expect(await set("two", room: "!r:test") == nil)
            #expect(await set("three") == nil)
            #expect(await set("four") == "M_FORBIDDEN")
            #expect(await set("three") == nil)
            // What was refused is not told either.
            let told = try await test.users.call(QueryClientDataOutput(userID: "@a:test", after: 0)).messages
            #expect(told.count == 5)
        }
    }

    @Test(arguments: TestDatabase.allCases) func pushersHaveABound(kind: TestDatabase) async throws {
        try await kind.with { database in
            let test = try await TestUsers(database) { $0.mostPushers = 2 }
            let device = try #require(try await test.register("a").deviceID)
            func set(_ key: String) async -> String? {
                let pusher = Pusher(appID: "app", pushkey: key, content: RawJSON(.object([:])))
                return await errcode {
                    _ = try await test.users.call(SetPusher(userID: "@a:test", deviceID: device, pusher: pusher, append: true))
                }
            }
            #expect(await set("one") == nil)
            #expect(await set("two") == nil)
            #expect(await set("three") == "M_FORBIDDEN")
            #expect(await set("two") == nil)
        }
    }
}
