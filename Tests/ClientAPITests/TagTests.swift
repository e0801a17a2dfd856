import Matrix
import Testing

@Suite struct TagTests {
    @Test func tagsAreSetOneByOneAndListed() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice"), eve = try await server.register("eve")
            let path = "user/@alice:test/rooms/!r:test/tags"
            #expect(try await server.ask(.get, path, token: user.token).body == ["tags": [:]])
            for (tag, content) in [("m.favourite", ["order": 0.25]), ("u.work", [:])] as [(String, JSONObject)] {
                #expect(try await server.ask(.put, "\(path)/\(tag)", content, token: user.token).body == [:])
            }
            let both: JSON = ["tags": ["m.favourite": ["order": 0.25], "u.work": [:]]]
            #expect(try await server.ask(.get, path, token: user.token).body == both)
            let data = "user/@alice:test/rooms/!r:test/account_data/m.tag"
            #expect(try await server.ask(.get, data, token: user.token).body == both)
            for _ in 0..<2 { #expect(try await server.ask(.delete, "\(path)/u.work", token: user.token).body == [:]) }
            #expect(try await server.ask(.get, path, token: user.token).body == ["tags": ["m.favourite": ["order": 0.25]]])
            #expect(try await server.ask(.get, path, token: eve.token).errcode == "M_FORBIDDEN")
            #expect(try await server.ask(.put, "\(path)/x", [:], token: eve.token).errcode == "M_FORBIDDEN")
            #expect(try await server.ask(.delete, "\(path)/m.favourite", token: eve.token).errcode == "M_FORBIDDEN")
        }
    }

    @Test func whatIsNoTagIsRefused() async throws {
        try await TestServer.run { server async throws in
            let user = try await server.register("alice")
            let path = "user/@alice:test/rooms/!r:test/tags", long = String(repeating: "t", count: 256)
            #expect(try await server.ask(.put, "\(path)/\(long)", [:], token: user.token).errcode == "M_INVALID_PARAM")
            #expect(try await server.ask(.put, "\(path)/x", ["order": "first"], token: user.token).errcode == "M_BAD_JSON")
            #expect(try await server.ask(.put, "\(path)/x", bytes: Array("[]".utf8), token: user.token).errcode == "M_BAD_JSON")
            #expect(try await server.ask(.put, "\(path)/x", bytes: [], token: user.token).errcode == "M_NOT_JSON")
            let noRoom = "user/@alice:test/rooms/nonsense/tags"
            #expect(try await server.ask(.get, noRoom, token: user.token).errcode == "M_INVALID_PARAM")
            #expect(try await server.ask(.put, "\(noRoom)/x", [:], token: user.token).errcode == "M_INVALID_PARAM")
        }
    }
}
