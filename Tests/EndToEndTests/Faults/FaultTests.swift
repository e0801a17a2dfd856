import Foundation
import Matrix
import Surroundings
import TestSupport
import Testing
import Web

/// What a homeserver stands on gives way: it says so, refuses what it cannot keep, and goes on by itself when it can.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FaultTests {
    /// Sends until something is refused, and says what was acknowledged and how the refusal looked.
    private func sendUntilRefused(_ client: Client, _ room: String) async throws -> (acknowledged: [String], refusal: Answer) {
        let body: JSON = ["msgtype": "m.text", "body": .string(String(repeating: "x", count: 8_000))]
        var acknowledged: [String] = []
        for number in 0..<2_000 {
            let answer = try await client.ask(.put, Client.path(room, "send/m.room.message/fill\(number)"), body)
            guard answer.status == 200, let event = answer.json["event_id"]?.string else { return (acknowledged, answer) }
            acknowledged.append(event)
        }
        throw TestFailure("nothing was refused")
    }

    /// Refused a hundred times while reading goes on, said once or so, and all right again after `mend`.
    private func staysUpright(
        _ monolith: StrainedMonolith, _ conversation: Conversation, mend: () async throws -> Void
    ) async throws {
        let (alice, room) = (conversation.users[0], conversation.room)
        let (acknowledged, refusal) = try await sendUntilRefused(alice, room)
        #expect(refusal.status == 503 && refusal.errcode == "M_UNKNOWN", "\(refusal)")
        for number in 0..<100 {
            let body: JSON = ["body": .string(String(repeating: "x", count: 8_000))]
            let answer = try await alice.ask(.put, Client.path(room, "send/m.room.message/no\(number)"), body)
            #expect(answer.status == 503, "\(answer)")
        }
        #expect(try await alice.ask(.get, "/_matrix/client/v3/account/whoami").status == 200)
        #expect(try await alice.ask(.get, Client.path(room, "joined_members")).status == 200)
        #expect(monolith.lines("the database cannot be written").count <= 8, "\(monolith.process.log.suffix(4_000))")
        #expect(!monolith.lines("the database cannot be written").isEmpty)
        #expect(monolith.complaints <= 60, "\(monolith.complaints) lines:\n\(monolith.process.log.suffix(4_000))")
        try await mend()
        let last = try await alice.send("afterwards", to: room, transaction: "afterwards")
        let all = acknowledged + [last]
        let seen = try await Follower.messages(of: conversation.users[1], in: room, at: [monolith.url])
        #expect(Array(seen.filter(Set(all).contains).reversed()) == all, "what was acknowledged is there, once and in order")
        try await writesAgain(alice)
        let next = try await Conversation.begin("after", at: monolith.url, readers: [monolith.url])
        try await next.goesOn(saying: 5) {}
        #expect(monolith.process.isRunning)
    }

    /// Each component finds out for itself, within a second or so, that its database is right again; until then it answers 503.
    private func writesAgain(_ client: Client) async throws {
        try await eventually("accounts are written again") {
            let path = "/_matrix/client/v3/profile/\(Client.encoded(client.userID))/org.example.again"
            return try await client.ask(.put, path, ["org.example.again": "x"]).status == 200
        }
    }

    @Test(.enabled(if: SmallDisk.isToBeHad)) func aFullDiskOfSQLite() async throws {
        let disk = try SmallDisk(megabytes: 32)
        let monolith = try await StrainedMonolith(data: disk.path)
        try await monolith.start()
        let conversation = try await Conversation.begin("full", at: monolith.url, readers: [monolith.url])
        try disk.fill()
        try await staysUpright(monolith, conversation) { try disk.free() }
        try await monolith.process.end(by: SIGTERM)
        disk.remove()
    }

    @Test(.enabled(if: SmallDisk.isToBeHad)) func aFullDiskOfPostgreSQL() async throws {
        let disk = try SmallDisk(megabytes: 48)
        let postgres = TestPostgres.shared, space = "\(disk.path)/space"
        _ = try await postgres.freshDatabase()
        try FileManager.default.createDirectory(atPath: space, withIntermediateDirectories: true)
        try await Shell.run("chown", ["postgres", space])
        try await postgres.administer("CREATE TABLESPACE small LOCATION '\(space)'")
        try await postgres.administer("CREATE DATABASE small TABLESPACE small")
        let monolith = try await StrainedMonolith(database: postgres.uri("small"))
        let result: Result<Void, any Error>
        do {
            try await monolith.start()
            let conversation = try await Conversation.begin("full", at: monolith.url, readers: [monolith.url])
            try disk.fill()
            result = .success(try await staysUpright(monolith, conversation) { try disk.free() })
        } catch {
            result = .failure(error)
        }
        // The disk goes, and the server stays.
        try await monolith.process.end()
        try await postgres.administer("DROP DATABASE small WITH (FORCE)")
        try await postgres.administer("DROP TABLESPACE small")
        disk.remove()
        try result.get()
    }

    @Test(.enabled(if: SmallDisk.isToBeHad)) func aFullDiskOfMedia() async throws {
        let disk = try SmallDisk(megabytes: 2)
        let database = try await TestPostgres.freshDatabase()
        let monolith = try await StrainedMonolith(database: database, data: disk.path, nats: nil)
        try await monolith.start()
        let alice = try await Client.register("full-media", at: monolith.url)
        func upload() async throws -> HTTPClient.Reply {
            try await HTTPClient().request(
                .post, monolith.url + "/_matrix/media/v3/upload", headers: ["Authorization": "Bearer \(alice.token ?? "")"],
                body: Array(repeating: 1, count: 400_000))
        }
        #expect(try await upload().status == 200)
        try disk.fill()
        for _ in 0..<20 { #expect(try await upload().status == 503) }
        let lines = monolith.lines("cannot be stored in base_path")
        #expect((1...8).contains(lines.count) && lines[0].contains("No space left on device"), "\(lines)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(disk.path)/media/uploading").isEmpty)
        try disk.free()
        #expect(try await upload().status == 200)
        try await monolith.process.end(by: SIGTERM)
        disk.remove()
    }

    @Test func aDatabaseThatIsReadOnlyAndOneThatTakesNoMoreConnections() async throws {
        let postgres = TestPostgres.shared
        _ = try await postgres.freshDatabase()
        try await postgres.administer("CREATE ROLE app LOGIN")
        try await postgres.administer("CREATE DATABASE app OWNER app")
        let uri = postgres.uri("app").replacing("postgres@", with: "app@")
        let monolith = try await StrainedMonolith(database: uri)
        try await monolith.start()
        let conversation = try await Conversation.begin("refused", at: monolith.url, readers: [monolith.url])
        let hangUp = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"
        try await postgres.administer("ALTER DATABASE app SET default_transaction_read_only = on")
        try await postgres.administer(hangUp)
        try await staysUpright(monolith, conversation) {
            try await postgres.administer("ALTER DATABASE app RESET default_transaction_read_only")
        }
        // Then it has no room for anybody.
        try await postgres.administer("ALTER ROLE app CONNECTION LIMIT 0")
        try await postgres.administer(hangUp)
        let alice = conversation.users[0]
        let answer = try await alice.ask(.put, Client.path(conversation.room, "send/m.room.message/none"), ["body": "x"])
        #expect(answer.status == 503 && answer.errcode == "M_UNKNOWN", "\(answer)")
        #expect(monolith.lines("too many connections").count >= 1, "\(monolith.process.log.suffix(4_000))")
        #expect(monolith.complaints <= 120, "\(monolith.process.log.suffix(4_000))")
        try await postgres.administer("ALTER ROLE app CONNECTION LIMIT -1")
        try await writesAgain(alice)
        _ = try await alice.send("again", to: conversation.room, transaction: "again")
        let next = try await Conversation.begin("room", at: monolith.url, readers: [monolith.url], insisting: true)
        try await next.goesOn(saying: 5) {}
        try await monolith.process.end(by: SIGTERM)
    }

    @Test func aClockThatIsSetBackAndForth() async throws {
        let folder = try Folder()
        try await Shell.run(
            "cc", ["-shared", "-fPIC", "-O1", "-o", "\(folder.path)/shifted.so", "\(repository)/Tests/Clock/shifted.c"])
        let clock = "\(folder.path)/offset", preloaded = sanitizerEnvironment["LD_PRELOAD"].map { [$0] } ?? []
        try Data(count: 8).write(to: URL(fileURLWithPath: clock))
        let monolith = try await StrainedMonolith(wrapper: [
            "/usr/bin/env", "LD_PRELOAD=\((["\(folder.path)/shifted.so"] + preloaded).joined(separator: ":"))", "CLOCK_OFFSET_FILE=\(clock)",
        ])
        try await monolith.start()
        let conversation = try await Conversation.begin("clock", at: monolith.url, readers: [monolith.url])
        let (alice, bob, room) = (conversation.users[0], conversation.users[1], conversation.room)
        let typing = Client.path(room, "typing/\(Client.encoded(alice.userID))")
        try await alice.demand(.put, typing, ["typing": true, "timeout": 30_000])
        func isTyping() async throws -> Bool {
            let sync = try await bob.demand(.get, "/_matrix/client/v3/sync")
            let events = sync["rooms"]?["join"]?[room]?["ephemeral"]?["events"]?.array ?? []
            return events.contains { $0["type"]?.string == "m.typing" && $0["content"]?["user_ids"]?.array?.isEmpty == false }
        }
        try await eventually("alice types") { try await isTyping() }
        try await conversation.goesOn(saying: 20) {
            try await Task.sleep(for: .milliseconds(300))
            for seconds in [-3600, 0, 3600, -3600] {
                try set(clock, to: seconds)
                try await Task.sleep(for: .milliseconds(500))
                // Timers go on, and tokens are known and ended.
                let since = try await bob.demand(.get, "/_matrix/client/v3/sync?timeout=0")["next_batch"]?.string ?? ""
                _ = try await bob.ask(.get, "/_matrix/client/v3/sync?timeout=1000&since=\(since)", timeout: .seconds(20))
                let second = try await Client.logIn("clock-a", at: monolith.url)
                try await second.demand(.post, "/_matrix/client/v3/logout", [:])
                #expect(try await second.ask(.get, "/_matrix/client/v3/account/whoami").status == 401)
            }
        }
        try await eventually("alice no longer types") { try await !isTyping() }
        #expect(monolith.lines("level=error").isEmpty, "\(monolith.process.log.suffix(3_000))")
        try await monolith.process.end(by: SIGTERM)
    }

    /// In the file's place: the server has it mapped.
    private func set(_ clock: String, to seconds: Int) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: clock))
        try file.write(contentsOf: withUnsafeBytes(of: seconds) { Data($0) })
        try file.close()
    }

    @Test(.enabled(if: SmallDisk.isToBeHad)) func aNameThatIsNoLongerResolved() async throws {
        let nats = try await TestNATS.start()
        let port = try #require(nats.url.split(separator: ":").last)
        let folder = try Folder()
        let known = "127.0.0.1 localhost\n127.0.0.1 nats.fault.test\n"
        let hosts = try folder.write(known, to: "hosts")
        try folder.write("", to: "resolv.conf")
        // In a mount namespace of its own, the server has hosts and resolvers of its own.
        let monolith = try await StrainedMonolith(
            nats: "nats://nats.fault.test:\(port)",
            wrapper: [
                "/usr/bin/unshare", "-m", "/bin/sh", "-c",
                "mount --bind \(hosts) /etc/hosts; mount --bind \(folder.path)/resolv.conf /etc/resolv.conf; exec \"$@\"", "sh",
            ])
        try await monolith.start()
        let conversation = try await Conversation.begin("names", at: monolith.url, readers: [monolith.url])
        try await conversation.goesOn(saying: 20) {
            try folder.overwrite("127.0.0.1 localhost\n", in: "hosts")
            nats.kill()
            try await Task.sleep(for: .seconds(2))
            try await nats.start()
            // It is there again, but nobody can find it.
            try await Task.sleep(for: .seconds(1))
            let answer = try await conversation.users[0].ask(.get, "/_matrix/client/v3/account/whoami")
            #expect(answer.status == 200)
            try folder.overwrite(known, in: "hosts")
        }
        #expect(monolith.complaints <= 60, "\(monolith.process.log.suffix(4_000))")
        try await monolith.process.end(by: SIGTERM)
        nats.kill()
    }
}

extension Folder {
    /// Into the same file, which is mounted somewhere.
    fileprivate func overwrite(_ text: String, in name: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(path)/\(name)"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}
