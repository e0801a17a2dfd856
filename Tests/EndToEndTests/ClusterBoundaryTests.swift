import Matrix
import Surroundings
import TestSupport
import Testing
import Web

/// Who may come in where.
extension ClusterTests {
    private static let internalCalls = ["/api/userapi/queryProfile", "/api/roomserver/queryRoomHead"]
    private static let withToken: Headers = ["X-Cluster-Token": Cluster.token]

    @Test func anInternalListenerRefusesWhoLacksTheClustersToken() async throws {
        for path in Self.internalCalls {
            let listener = Client(url: try cluster.replica(path.contains("userapi") ? .userapi : .roomserver).internalURL)
            for headers in [[:], ["X-Cluster-Token": "wrong"], ["Authorization": "Bearer \(Cluster.token)"]] as [Headers] {
                let answer = try await listener.ask(.post, path, [:], headers: headers)
                #expect(answer.status == 401, "\(path): \(answer)")
            }
            let known = try await listener.ask(.post, path, [:], headers: Self.withToken)
            #expect(known.status != 401 && known.errcode != "M_UNRECOGNIZED", "\(path): \(known)")
        }
    }

    @Test func nothingInternalIsReachedThroughNginx() async throws {
        let paths =
            ["/metrics", "/health", "/_matrix_upstream"]
            + Self.internalCalls.flatMap { [$0, "/\($0)", "/_matrix\($0)", "/_matrix/..\($0)"] }
        for path in paths {
            for method in [Web.Method.get, .post] {
                func ask() async throws -> Answer {
                    try await Client(url: cluster.url).ask(method, path, method == .post ? [:] : nil, headers: Self.withToken)
                }
                // Where nginx is asked nonsense it closes the connection, perhaps while the next is being sent on it.
                let answer: Answer
                do { answer = try await ask() } catch is HTTPClient.Failure { answer = try await ask() }
                #expect([400, 404, 405].contains(answer.status), "\(method) \(path): \(answer)")
            }
        }
    }

    @Test func noPublicListenerAnswersAnInternalCall() async throws {
        for replica in cluster.all {
            guard let url = replica.externalURL else { continue }
            for path in Self.internalCalls {
                let answer = try await Client(url: url).ask(.post, path, [:], headers: Self.withToken)
                #expect(answer.status == 404, "\(replica.process.name): \(answer)")
            }
        }
    }
}
