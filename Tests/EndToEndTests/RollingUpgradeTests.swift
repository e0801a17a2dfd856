import Foundation
import Matrix
import Setup
import Surroundings
import TestSupport
import Testing

/// Where the commands of the older release are.
private let olderRelease = ProcessInfo.processInfo.environment["OLDER_RELEASE"]

/// An older release and this one side by side. `make rolling-upgrade` builds the older one and runs this.
@Suite(.enabled(if: olderRelease != nil), .serialized, .timeLimit(.minutes(30)))
struct RollingUpgradeTests {
    @Test func oneProcessAfterAnotherIsReplacedWhileUsersTalk() async throws {
        let older = try #require(olderRelease), newer = try Command.path("dendrite-polylith-multi")
        let cluster = try await Cluster(replicas: 2)
        for replica in cluster.all { replica.process.becomes("\(older)/dendrite-polylith-multi") }
        do {
            try await cluster.start()
            for number in 0..<2 {
                let conversation = try await Conversation.begin("rolling\(number)", at: cluster.url, readers: cluster.readers)
                try await conversation.goesOn(saying: 100, pause: .milliseconds(100)) {
                    for component in ComponentName.allCases {
                        let replica = try cluster.replica(component, number)
                        #expect(try await replica.process.end(by: SIGTERM, within: .seconds(60)) == 0)
                        replica.process.becomes(newer)
                        try replica.process.start()
                        try await replica.awaitReady(within: .seconds(120))
                        print("\(replica.process.name) is of the newer release")
                        try await everythingWorks(cluster, "\(component)\(number)")
                    }
                }
            }
        } catch {
            try await cluster.stop()
            throw TestFailure("\(error)\n\(cluster.logs)")
        }
        for replica in cluster.all {
            #expect(!replica.process.log.contains("set aside"), "\(replica.process.name): \(replica.process.log.suffix(2_000))")
            let errors = replica.process.log.split(separator: "\n").filter { $0.contains("level=error") }
            if !errors.isEmpty { print("\(replica.process.name):\n\(errors.prefix(5).joined(separator: "\n"))") }
        }
        try await cluster.stop()
    }

    /// What clients do, at every replica that serves them, whichever release it is of.
    private func everythingWorks(_ cluster: Cluster, _ name: String) async throws {
        for number in 0..<2 {
            let url = try cluster.url(.clientapi, number), reader = try cluster.url(.syncapi, 1 - number)
            let user = try await Client.register("\(name)-\(number)", at: url)
            let room = try await user.createRoom(["preset": "public_chat", "name": "A room"])
            let other = try await Client.logIn("\(name)-\(number)", at: cluster.url)
            let event = try await other.send("hello", to: room, transaction: "one")
            let data = "/_matrix/client/v3/user/\(Client.encoded(user.userID))/account_data/org.example"
            #expect(try await user.ask(.get, data).status == 404)
            try await user.insist(.put, data, ["n": 1])
            try await user.insist(.put, Client.path(room, "typing/\(Client.encoded(user.userID))"), ["typing": true])
            try await user.insist(.post, Client.path(room, "receipt/m.read/\(Client.encoded(event))"), [:])
            try await eventually("\(name) sees all of it", within: .seconds(60)) {
                let sync = try await user.at(reader).insist(.get, "/_matrix/client/v3/sync")
                let joined = sync["rooms"]?["join"]?[room]
                let types = (joined?["ephemeral"]?["events"]?.array ?? []).compactMap { $0["type"]?.string }
                let events = (joined?["timeline"]?["events"]?.array ?? []).compactMap { $0["event_id"]?.string }
                let data = (sync["account_data"]?["events"]?.array ?? []).compactMap { $0["type"]?.string }
                return events.contains(event) && Set(types) == ["m.typing", "m.receipt"] && data.contains("org.example")
            }
        }
    }
}
