import Foundation
import Matrix
import Surroundings
import Synchronization
import TestSupport
import Testing
import Web

/// A homeserver in a crowd: of idle, slow, and greedy clients, and of busy rooms. `make crowd` makes it ten times as large.
@Suite(.serialized, .timeLimit(.minutes(10))) struct CrowdTests {
    private static let scale = ProcessInfo.processInfo.environment["CROWD_SCALE"].flatMap { Int($0) } ?? 1

    /// What a crowd costs in memory, and that somebody else is served meanwhile.
    private func bears(
        _ name: String, _ count: Int, _ monolith: StrainedMonolith, _ client: Client, megabytes most: Double,
        _ crowd: () async throws -> [RawConnections]
    ) async throws {
        let before = try await monolith.metric("process_resident_memory_bytes")
        let connections = try await crowd()
        try await eventually("all \(count) are there") {
            try await monolith.metric("process_open_fds") >= Double(count) * 0.8
        }
        for _ in 0..<20 { try await client.demand(.get, "/_matrix/client/v3/account/whoami") }
        let room = try await client.createRoom()
        _ = try await client.send("still", to: room, transaction: "still")
        _ = try await Client.logIn("crowd", at: monolith.url)
        let growth = (try await monolith.metric("process_resident_memory_bytes") - before) / 1_048_576
        print("\(name): \(count), \(Int(growth)) MiB more, \((growth * 1024 / Double(count)).rounded()) KiB each")
        // A sanitizer keeps what was freed, and shadows what is there.
        let most = sanitizerEnvironment.isEmpty ? most : 4 * most
        #expect(growth < most, "\(name): \(growth) MiB")
        _ = connections.count
    }

    private func monolith() async throws -> (StrainedMonolith, Client) {
        let monolith = try await StrainedMonolith()
        try await monolith.start()
        return (monolith, try await Client.register("crowd", at: monolith.url))
    }

    @Test func idleConnectionsSlowHeadsAndSlowBodies() async throws {
        let (monolith, client) = try await monolith()
        let idle = 800 * Self.scale, slow = 100 * Self.scale
        try await bears("idle", idle, monolith, client, megabytes: 40 + Double(idle) / 20) {
            [try RawConnections(idle, to: monolith.url)]
        }
        try await bears("a byte a second", 2 * slow, monolith, client, megabytes: 40 + Double(slow) / 5) {
            let heads = try RawConnections(slow, to: monolith.url) { _ in "GET /_matrix/client/v3/sync HTTP/1.1\r\nX: " }
            let bodies = try RawConnections(slow, to: monolith.url) { _ in
                "POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{"
            }
            for _ in 0..<3 {
                heads.sendOnEach("x")
                bodies.sendOnEach("x")
                try await Task.sleep(for: .milliseconds(300))
            }
            return [heads, bodies]
        }
        try await monolith.process.end(by: SIGTERM)
    }

    @Test func moreConnectionsThanThereMayBe() async throws {
        let (monolith, client) = try await monolith()
        // The server may open few files, and has them full.
        let few = try await StrainedMonolith(wrapper: ["/usr/bin/env", "sh", "-c", "ulimit -n 400; exec \"$@\"", "sh"])
        try await few.start()
        _ = try await Client.register("crowd", at: few.url)
        let crowd = try RawConnections(500, to: few.url)
        for _ in 0..<10 { _ = try await Client.logIn("crowd", at: few.url) }
        #expect(few.lines("few files").count == 1 && few.process.isRunning)
        _ = crowd.answered
        try await few.process.end(by: SIGTERM)
        try await client.demand(.get, "/_matrix/client/v3/account/whoami")
        try await monolith.process.end(by: SIGTERM)
    }

    @Test func parkedSyncsAndOneUserWithAThousand() async throws {
        let (monolith, client) = try await monolith()
        let parked = 500 * Self.scale
        var heads: [String] = []
        for number in 0..<parked / 50 {
            let user = try await Client.register("parked\(number)", at: monolith.url)
            let since = try await user.demand(.get, "/_matrix/client/v3/sync?timeout=0")["next_batch"]?.string ?? ""
            heads.append(
                "GET /_matrix/client/v3/sync?timeout=60000&since=\(since) HTTP/1.1\r\nHost: x\r\n"
                    + "Authorization: Bearer \(user.token ?? "")\r\n\r\n")
        }
        try await bears("parked", parked, monolith, client, megabytes: 40 + Double(parked) / 20) {
            let syncs = try RawConnections(parked, to: monolith.url) { heads[$0 % heads.count] }
            try await Task.sleep(for: .seconds(1))
            #expect(syncs.answered == 0)
            return [syncs]
        }
        try await bears("of one user", 1_000, monolith, client, megabytes: 120) {
            let syncs = try RawConnections(1_000, to: monolith.url) { _ in heads[0] }
            // As many as may wait do so; the others are answered at once.
            try await eventually("those too many are answered") { syncs.answered == 950 }
            return [syncs]
        }
        let others = try RawConnections(1_000, to: monolith.url) { _ in
            heads[0].replacing("/sync?timeout=60000", with: "/joined_rooms?x=y")
        }
        try await eventually("all are answered") { others.answered == 1_000 }
        try await client.demand(.get, "/_matrix/client/v3/account/whoami")
        try await monolith.process.end(by: SIGTERM)
    }

    @Test func thoseWhoDoNotReadWhatTheyAskedFor() async throws {
        let (monolith, client) = try await monolith()
        let upload = try await HTTPClient().request(
            .post, monolith.url + "/_matrix/media/v3/upload", headers: ["Authorization": "Bearer \(client.token ?? "")"],
            body: Array(repeating: 1, count: 20 << 20))
        let uri = try JSON(parsing: upload.body)["content_uri"]?.string ?? ""
        let media = uri.dropFirst("mxc://".count)
        // And a sync of a few megabytes.
        let room = try await client.createRoom()
        for number in 0..<60 {
            let body: JSON = ["body": .string(String(repeating: "x", count: 60_000))]
            try await client.demand(.put, Client.path(room, "send/m.room.message/\(number)"), body)
        }
        let filter = Client.encoded(#"{"room":{"timeline":{"limit":60}}}"#)
        let readers = 30 * Self.scale
        try await bears("slow readers", 2 * readers, monolith, client, megabytes: 400 + Double(readers)) {
            let downloads = try RawConnections(readers, to: monolith.url, receiveBuffer: 4_096) { _ in
                "GET /_matrix/media/v3/download/\(media) HTTP/1.1\r\nHost: x\r\n\r\n"
            }
            let syncs = try RawConnections(readers, to: monolith.url, receiveBuffer: 4_096) { _ in
                "GET /_matrix/client/v3/sync?filter=\(filter) HTTP/1.1\r\nHost: x\r\n"
                    + "Authorization: Bearer \(client.token ?? "")\r\n\r\n"
            }
            try await eventually("they are answered", within: .seconds(120)) { syncs.answered == readers }
            return [downloads, syncs]
        }
        try await monolith.process.end(by: SIGTERM)
    }

    @Test func bodiesBeyondTheLimit() async throws {
        let (monolith, client) = try await monolith()
        let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
        try await bears("too large", 40, monolith, client, megabytes: 120) {
            let head = "POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\n"
            let announced = try RawConnections(20, to: monolith.url) { _ in head + "Content-Length: 100000000\r\n\r\n" }
            let chunked = try RawConnections(20, to: monolith.url) { _ in head + "Transfer-Encoding: chunked\r\n\r\n" }
            for _ in 0..<32 { chunked.sendOnEach(chunk) }
            try await eventually("they are refused") { announced.answered == 20 && chunked.answered == 20 }
            return [announced, chunked, try RawConnections(30, to: monolith.url)]
        }
        try await monolith.process.end(by: SIGTERM)
    }

    @Test func fiftyBusyRoomsAndFiveConnections() async throws {
        let database = try await TestPostgres.freshDatabase()
        let monolith = try await StrainedMonolith(database: database, maxOpenConnections: 5)
        try await monolith.start()
        let client = try await Client.register("crowd", at: monolith.url)
        let quiet = try await client.createRoom()
        var rooms: [String] = []
        for _ in 0..<50 { rooms.append(try await client.createRoom()) }
        let progress = Progress(), busy = rooms
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, room) in busy.enumerated() {
                for sender in 0..<3 {
                    group.addTask {
                        var number = 0
                        while !progress.isOver.load(ordering: .relaxed) {
                            _ = try await client.demand(
                                .put, Client.path(room, "send/m.room.message/\(index)-\(sender)-\(number)"), ["body": "x"])
                            progress.sent.add(1, ordering: .relaxed)
                            number += 1
                        }
                    }
                }
            }
            var longest = Duration.zero
            for round in 0..<10 * Self.scale {
                let start = ContinuousClock.now
                try await client.demand(.get, "/_matrix/client/v3/account/whoami")
                _ = try await Client.logIn("crowd", at: monolith.url)
                _ = try await client.send("\(round)", to: quiet, transaction: "quiet\(round)")
                try await client.demand(.get, "/_matrix/client/v3/sync?timeout=0")
                longest = max(longest, .now - start)
            }
            progress.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
            let sent = progress.sent.load(ordering: .relaxed)
            print("50 busy rooms: \(sent) sent; whoami, login, send and sync took at most \(longest)")
        }
        #expect(monolith.complaints == 0, "\(monolith.process.log.suffix(3_000))")
        try await monolith.process.end(by: SIGTERM)
    }
}

/// How far many senders are, and whether they have said enough.
private final class Progress: Sendable {
    let isOver = Atomic(false)
    let sent = Atomic(0)
}
