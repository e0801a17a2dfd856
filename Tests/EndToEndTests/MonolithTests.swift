import Foundation
import Matrix
import Setup
import Surroundings
import TestSupport
import Testing

/// What holds of one process on SQLite.
@Suite(.serialized) struct MonolithTests {
    @Test func nothingAcknowledgedIsLostWhenItIsKilled() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let conversation = try await Conversation.begin("killed", at: monolith.url, readers: [monolith.url])
        try await conversation.goesOn(saying: 30) {
            for _ in 0..<4 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...800)))
                try await monolith.process.end()
                try await monolith.start()
            }
        }
    }

    @Test func aSyncTokenGoesOnAfterAKill() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let conversation = try await Conversation.begin("token", at: monolith.url, readers: [monolith.url])
        var follower = Follower(conversation.users[1], in: conversation.room, at: [monolith.url])
        try await follower.sync(timeoutMS: 0)
        var sent: [String] = []
        for round in 0..<3 {
            sent.append(try await conversation.users[0].send("\(round)", to: conversation.room, transaction: "before\(round)"))
            try await monolith.process.end()
            try await monolith.start()
            try await eventually("the message is there") {
                try await follower.sync()
                return follower.messages.count >= sent.count
            }
            #expect(follower.messages == sent)
        }
    }

    @Test func aSecondProcessOnTheSameFilesSaysSoAndEnds() async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let twin = try monolith.twin()
        try twin.process.start()
        #expect(try await twin.process.exit() == 1)
        #expect(twin.process.log.contains("another process") || twin.process.log.contains("locked"), "\(twin.process.log)")
        #expect(monolith.process.isRunning)
        _ = try await Client.register("undisturbed", at: monolith.url)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func itLeavesWithNoughtThoughASyncIsOpen(signal: Int32) async throws {
        let monolith = try await TestMonolith()
        try await monolith.start()
        let client = try await Client.register("leaving", at: monolith.url)
        let sync = try await client.demand(.get, "/_matrix/client/v3/sync")
        let since = try #require(sync["next_batch"]?.string)
        async let parked = client.ask(.get, "/_matrix/client/v3/sync?timeout=60000&since=\(since)", timeout: .seconds(60))
        try await client.demand(.get, "/_matrix/client/v3/sync?timeout=0&since=\(since)")
        #expect(try await monolith.process.end(by: signal) == 0, "\(monolith.process.log)")
        #expect(try await parked.status == 200)
    }

    @Test func noTokenAndNoPasswordIsKeptInTheClear() async throws {
        let monolith = try await TestMonolith(logging: "trace")
        try await monolith.start()
        let client = try await Client.register("careful", at: monolith.url)
        let again = try await Client.logIn("careful", at: monolith.url)
        let token = try #require(client.token)
        try await Client(url: monolith.url).demand(.get, "/_matrix/client/v3/account/whoami?access_token=\(token)")
        let room = try await client.createRoom()
        let body = "to be found"
        _ = try await client.send(body, to: room, transaction: "1")
        var proof: JSONObject = ["type": "m.login.password", "identifier": ["type": "m.id.user", "user": "careful"]]
        for password in ["mistaken-password", "secret"] {
            proof["password"] = .string(password)
            let change: JSON = ["new_password": "changed-password", "auth": .object(proof), "logout_devices": false]
            let answer = try await client.ask(.post, "/_matrix/client/v3/account/password", change)
            #expect(answer.status == (password == "secret" ? 200 : 401), "\(answer)")
        }
        #expect(try await monolith.process.end(by: SIGTERM) == 0)

        var everything = Data()
        for case let file as URL in FileManager.default.enumerator(
            at: URL(fileURLWithPath: monolith.folder.path), includingPropertiesForKeys: nil) ?? .init()
        where file.pathExtension != "yaml" {
            everything.append((try? Data(contentsOf: file)) ?? Data())
        }
        // So that a search which finds nothing means something.
        #expect(everything.range(of: Data(body.utf8)) != nil)
        for secret in [token, try #require(again.token), "mistaken-password", "changed-password", "\"secret\""] {
            #expect(everything.range(of: Data(secret.utf8)) == nil, "\(secret) is kept in the clear")
        }
    }
}
