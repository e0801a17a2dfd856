import Matrix
import Setup
import Surroundings
import TestSupport
import Testing

/// A token that is logged out at one replica is so at every other within five seconds.
extension ClusterTests {
    @Test(arguments: [0, 1]) func whatIsLoggedOutByOneReplicaIsSoUnknownToAll(by number: Int) async throws {
        try await logsOut(await Client.register("logout\(number)", at: cluster.url), by: number)
    }

    @Test(arguments: [0, 1]) func whatIsLoggedOutIsSoUnknownAlsoWithoutNATS(by number: Int) async throws {
        let client = try await Client.register("logout-quiet\(number)", at: cluster.url)
        cluster.nats.kill()
        do { try await logsOut(client, by: number) } catch {
            try await cluster.nats.start()
            throw error
        }
        try await cluster.nats.start()
    }

    /// What shows whether a replica knows a token.
    private static let questions: [(ComponentName, String)] = [
        (.clientapi, "/_matrix/client/v3/account/whoami"), (.syncapi, "/_matrix/client/v3/sync?timeout=0"),
        (.mediaapi, "/_matrix/client/v1/media/config"),
    ]

    private func logsOut(_ client: Client, by number: Int) async throws {
        let doors = try Self.questions.flatMap { component, path in
            try [0, 1].map { (client: client.at(try cluster.url(component, $0)), path: path) }
        }
        for door in doors { try await door.client.insist(.get, door.path) }
        try await client.at(cluster.url(.clientapi, number)).demand(.post, "/_matrix/client/v3/logout", [:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for door in doors {
                group.addTask {
                    // Five seconds, and one for a machine that has much to do.
                    try await eventually("\(door.path) at \(door.client.url) refuses the token", within: .seconds(6)) {
                        let answer = try await door.client.ask(.get, door.path)
                        #expect([200, 503].contains(answer.status) || answer.errcode == "M_UNKNOWN_TOKEN", "\(answer)")
                        return answer.status == 401
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
