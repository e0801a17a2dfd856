import Contracts
import Matrix
import SQL
import TestSupport
import Testing

@testable import UserAPI

@Suite struct AuthenticationSessionTests {
    private let parameters = RawJSON(JSONObject([("password", "in the clear"), ("device_id", "xyzzy")]))

    @Test(arguments: TestDatabase.allCases)
    func aSessionRemembersWhatItIsForAndWhatIsDone(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let session = try await test.users.call(
                StartAuthentication(operation: "POST /x", userID: "@alice:test", parameters: parameters)
            ).session
            let begun = AuthenticationState(
                operation: "POST /x", userID: "@alice:test", parameters: parameters, completed: [])
            #expect(try await test.users.call(QueryAuthentication(session: session)) == begun)
            for _ in 0..<2 {
                let state = try await test.users.call(CompleteAuthenticationStage(session: session, stage: "m.login.dummy"))
                #expect(state.completed == ["m.login.dummy"])
            }
            #expect(try await test.users.call(QueryAuthentication(session: session)).completed == ["m.login.dummy"])
        }
    }

    @Test func anUnknownSessionIsRefused() async throws {
        try await TestUsers.on(.sqlite) { test in
            #expect(await errcode { _ = try await test.users.call(QueryAuthentication(session: "made up")) } == "M_UNKNOWN")
            let call = CompleteAuthenticationStage(session: "made up", stage: "m.login.dummy")
            #expect(await errcode { _ = try await test.users.call(call) } == "M_UNKNOWN")
        }
    }

    @Test func theDatabaseHoldsNeitherSessionNorPassword() async throws {
        try await TestUsers.on(.sqlite) { test in
            let session = try await test.users.call(
                StartAuthentication(operation: "POST /x", userID: nil, parameters: parameters)
            ).session
            let rows = try await test.database.read { tx in
                try tx.rows("SELECT session_hash, sealed FROM userapi_authentications", as: [UInt8].self, [UInt8].self)
            }
            let stored = rows.map { String(decoding: $0.0 + $0.1, as: UTF8.self) }.joined()
            #expect(!stored.contains(session) && !stored.contains("in the clear"))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsTooOldIsGone(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let session = try await test.users.call(
                StartAuthentication(operation: "POST /x", userID: nil, parameters: parameters)
            ).session
            let nonce = try await test.users.call(CreateRegistrationNonce()).nonce
            try await test.database.transaction { tx in
                try tx.run("UPDATE userapi_authentications SET expires_ts = \(sql: .now)")
                try tx.run("UPDATE userapi_registration_nonces SET expires_ts = \(sql: .now)")
            }
            #expect(await errcode { _ = try await test.users.call(QueryAuthentication(session: session)) } == "M_UNKNOWN")
            #expect(await errcode { _ = try await test.users.call(SpendRegistrationNonce(nonce: nonce)) } == "M_UNKNOWN")
            try await Pruning.prune(test.database)
            let left = try await test.database.read { tx in
                try tx.row("SELECT COUNT(*) FROM userapi_authentications", as: Int64.self)
            }
            #expect(left == 0)
        }
    }
}
