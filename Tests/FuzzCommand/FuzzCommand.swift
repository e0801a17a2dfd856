import ArgumentParser
import Foundation
import FuzzTargets

extension TargetName: ExpressibleByArgument {}

/// Gives targets inputs, each target in processes of its own, so that whatever ends one is told with the input that did it.
@main struct FuzzCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz", abstract: "Gives what reads bytes from outside many that nobody would send.")

    @Argument(help: "Which targets: \(TargetName.allCases.map(\.rawValue).joined(separator: ", ")). All of them if none is named.")
    var targets: [TargetName] = []
    @Option(help: "How many inputs each target is given.") var inputs = 10_000_000
    @Option(help: "What the inputs follow from.") var seed: UInt64 = 1
    @Option(help: "How many processes share a target's inputs.") var jobs = 1
    @Option(help: "Where inputs are put with which something did not hold.") var findings = "fuzz-findings"
    @Option(help: ArgumentHelp("The file of a process that takes inputs itself.", visibility: .hidden)) var note: String?
    @Option(help: "Takes one file as the only input.") var input: String?

    func run() async throws {
        let targets = targets.isEmpty ? TargetName.allCases : targets
        if let input {
            for target in targets { try await take(file: input, by: target) }
        } else if let note, let target = targets.first {
            try await takeInputs(of: target, note: note)
        } else {
            var failures = 0
            for target in targets { failures += try Campaign(self, target).run() }
            if failures > 0 { throw ExitCode(1) }
        }
    }

    private func take(file: String, by name: TargetName) async throws {
        let target = try await name.make()
        _ = try await target.take(Array(try Data(contentsOf: URL(fileURLWithPath: file))))
        print("\(name.rawValue): everything holds")
    }

    /// What a process does that another one watches.
    private func takeInputs(of name: TargetName, note path: String) async throws {
        let note = try InputNote(path: path)
        let target = try await name.make()
        Watchdog(note: note, processorSeconds: name == .routes ? 10 : 2).start()
        let run = FuzzRun(inputs: inputs, seed: seed, isAlone: true, note: note) { progress in
            try? Data("\(progress.inputs) \(progress.kinds) \(progress.residentBytes >> 20)\n".utf8)
                .write(to: URL(fileURLWithPath: path + ".progress"))
        }
        do {
            try await run.run(target)
            if !target.summary.isEmpty { FileHandle.standardError.write(Data("\(name.rawValue): \(target.summary)\n".utf8)) }
        } catch let failed as FailedInput {
            FileHandle.standardError.write(Data("\(failed.what)\n".utf8))
            throw ExitCode(Campaign.findingStatus)
        }
    }
}
