import FuzzTargets
import Testing

/// A little of `make fuzz`: the same inputs every time, in a process that others share.
@Suite struct FuzzTests {
    @Test(arguments: [(TargetName.json, 6_000), (.canonical, 6_000), (.event, 3_000), (.nats, 4_000), (.configuration, 1_000)])
    func whateverBytesComeEverythingHolds(_ name: TargetName, _ inputs: Int) async throws {
        try await FuzzRun(inputs: inputs, seed: 3, isAlone: false).run(try await name.make())
    }

    @Test func whateverIsAskedForTheAnswerIsMatrixs() async throws {
        let target = try await RoutesTarget()
        try await FuzzRun(inputs: 3_000, seed: 3, isAlone: false).run(target)
        try await target.end()
    }
}
