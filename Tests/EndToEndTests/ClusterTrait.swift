import Surroundings
import Testing

/// Runs a suite on one cluster with two of each component, which is stopped after it whatever becomes of the tests.
struct ClusterTrait: SuiteTrait, TestScoping {
    @TaskLocal static var cluster: Cluster?

    func provideScope(for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void) async throws {
        var options = Cluster.Options(replicas: 2)
        options.hasSpares = true
        let cluster = try await Cluster(options)
        do {
            try await cluster.start()
            try await Self.$cluster.withValue(cluster) { try await body() }
        } catch {
            try await cluster.stop()
            throw error
        }
        try await cluster.stop()
    }
}

extension Trait where Self == ClusterTrait {
    static var onACluster: Self { ClusterTrait() }
}
