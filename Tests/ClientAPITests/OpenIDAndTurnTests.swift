import Contracts
import Matrix
import Testing

@testable import ClientAPI

@Suite struct OpenIDAndTurnTests {
    @Test func aTokenTellsWhoAUserIsAndNothingMore() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice"), eve = try await server.register("eve")
            let path = "user/@alice:test/openid/request_token"
            let answer = try await server.ask(.post, path, [:], token: user.token)
            #expect(answer.status == 200 && answer["token_type"] == "Bearer" && answer["matrix_server_name"] == "test")
            #expect(answer["expires_in"] == 3600)
            let token = answer["access_token"]?.string ?? ""
            #expect(try await server.users.call(QueryOpenIDToken(token: token)).userID == "@alice:test")
            #expect(try await server.ask(.get, "account/whoami", token: token).errcode == "M_UNKNOWN_TOKEN")
            #expect(try await server.ask(.post, path, [:], token: eve.token).errcode == "M_FORBIDDEN")
        }
    }

    @Test func callersAreGivenALoginThatTheTurnServerCanCheck() async throws {
        try await TestServer.run({ $0.turn = .init(uris: ["turn:a:1"], lifetimeSeconds: 60, credentials: .sharedSecret("s")) }) { server async throws in
            let user = try await server.register("alice")
            let answer = try await server.ask(.get, "voip/turnServer", token: user.token)
            #expect(answer["uris"] == ["turn:a:1"] && answer["ttl"] == 60)
            #expect(answer["username"]?.string?.hasSuffix(":@alice:test") == true)
        }
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            #expect(try await server.ask(.get, "voip/turnServer", token: user.token).body == [:])
        }
    }

    /// By `printf '1000000060:@alice:test' | openssl dgst -sha1 -hmac secret -binary | base64`.
    @Test func thePasswordIsWhatTheTurnServerComputes() {
        let turn = ClientAPIConfig.Turn(uris: [], lifetimeSeconds: 60, credentials: .sharedSecret("secret"))
        let login = turn.login(for: "@alice:test", atSecond: 1_000_000_000)
        #expect(login.username == "1000000060:@alice:test" && login.password == "TdK83JWNNxG/zW7LOyDNitfev0I=")
    }
}
