import Contracts
import InternalAPI
import Matrix
import Testing
import Web

@testable import FederationAPI

@Suite struct OpenIDTests {
    /// A userapi that knows one token.
    private struct Users: Link {
        func call<C: Call>(_ call: C) async throws -> C.Reply {
            guard (call as? QueryOpenIDToken)?.token == "good" else { throw MatrixError.unknownToken() }
            return try #require(QueryOpenIDToken.Reply(userID: "@alice:test") as? C.Reply)
        }
    }

    private func ask(_ query: String) async throws -> String {
        try await OpenIDUserInfo(Request(.get, "/_matrix/federation/v1/openid/userinfo\(query)"), users: UserClient(Users())).sub
    }

    @Test func aTokenTellsWhoseItIs() async throws {
        #expect(try await ask("?access_token=good") == "@alice:test")
        for (query, errcode) in [
            ("", "M_MISSING_TOKEN"), ("?access_token=", "M_MISSING_TOKEN"), ("?access_token=bad", "M_UNKNOWN_TOKEN"),
            ("?access_token=\(String(repeating: "x", count: 600))", "M_UNKNOWN_TOKEN"),
        ] {
            do {
                _ = try await ask(query)
                Issue.record("\(query) is good")
            } catch let error as MatrixError {
                #expect(error.errcode == errcode && error.status == 401)
            }
        }
    }
}
