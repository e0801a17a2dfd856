import ArgumentParser
import Foundation
import TestSupport

/// What a run is to be.
struct Plan: Sendable {
    var seed: UInt64
    var kills: Int
    var replicas: Int
    /// How many milliseconds a listener is away.
    var absence: ClosedRange<Int>
    /// `global.jetstream.max_stream_bytes`
    var streamBytes: Int
    /// Whether each fault is said as it happens.
    var isSpoken: Bool
}

/// Hurts a cluster while eight users live in it, and looks whether anything was lost, doubled or reordered.
@main struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos", abstract: "Hurts a cluster at random, and looks whether everything that was acknowledged is there.")

    @Option(help: "How many processes are killed.") var kills = 1_000
    @Option(help: "What chance begins with; another each time if there is none.") var seed: UInt64?
    @Option(help: "How many processes of each component.") var replicas = 2
    @Flag(help: "Short absences, for a short run.") var short = false
    @Option(help: "Where the logs are kept if something was found.") var logs = "data/chaos"
    @Flag(help: "Keep the logs in any case.") var keep = false
    @Flag(help: "Say each fault as it happens.") var verbose = false

    func run() async throws {
        let plan = Plan(
            seed: seed ?? UInt64.random(in: 1...999_999), kills: kills, replicas: replicas,
            absence: short ? 3_000...5_000 : 8_000...25_000, streamBytes: 512 << 10, isSpoken: verbose)
        let run = try await Run(plan)
        var held = false, failure: (any Error)?
        do { held = try await run.perform() } catch { failure = error }
        let folder = "\(logs)/\(plan.seed)"
        if !held || keep { try run.keepLogs(in: folder) }
        if let failure { say("FAILED: \(failure)") }
        try? await run.cluster.stop()
        guard held else {
            say("FAILED: \(run.findingCount) findings; logs are in \(folder). To repeat: SEED=\(plan.seed) KILLS=\(plan.kills)")
            throw ExitCode(1)
        }
        say("Nothing was lost, doubled or reordered.")
    }
}
