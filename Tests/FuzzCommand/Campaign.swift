import Foundation
import FuzzTargets

/// One target's inputs, shared by some processes, and what is told of them.
struct Campaign {
    static let findingStatus: Int32 = 40

    let command: FuzzCommand
    let target: TargetName
    private let folder: URL

    init(_ command: FuzzCommand, _ target: TargetName) throws {
        self.command = command
        self.target = target
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(target.rawValue)-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// How many processes found something.
    func run() throws -> Int {
        defer { try? FileManager.default.removeItem(at: folder) }
        let began = Date()
        let jobs = max(1, command.jobs)
        let processes = try (0..<jobs).map { try start(job: $0, of: jobs) }
        while processes.contains(where: \.isRunning) {
            for _ in 0..<20 where processes.contains(where: \.isRunning) { usleep(500_000) }
            say("\(progress(jobs)), \(Int(Date().timeIntervalSince(began))) s")
        }
        let failed = processes.enumerated().filter { $1.terminationReason != .exit || $1.terminationStatus != 0 }
        for (job, process) in failed { report(job, process) }
        let seconds = String(format: "%.0f", Date().timeIntervalSince(began))
        print(
            "\(target.rawValue): \(command.inputs) inputs, seed \(command.seed), \(seconds) s\(jobs > 1 ? " by \(jobs) processes" : ""),"
                + " \(failed.isEmpty ? "everything holds" : "\(failed.count) findings")")
        return failed.count
    }

    private func note(_ job: Int) -> String { folder.appendingPathComponent("\(job)").path }

    private func start(job: Int, of jobs: Int) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            target.rawValue, "--inputs", "\(command.inputs / jobs)", "--seed", "\(command.seed &+ UInt64(job) &* 1_000_003)", "--note", note(job),
        ]
        try process.run()
        return process
    }

    private func progress(_ jobs: Int) -> String {
        var sums = [0, 0, 0]
        for job in 0..<jobs {
            let line = try? String(contentsOfFile: note(job) + ".progress", encoding: .utf8)
            for (index, number) in (line ?? "").split(whereSeparator: \.isWhitespace).prefix(3).enumerated() { sums[index] += Int(number) ?? 0 }
        }
        return "\(target.rawValue): \(sums[0]) inputs, \(sums[1]) in the corpus, \(sums[2]) MB"
    }

    private func report(_ job: Int, _ process: Process) {
        let what =
            switch (process.terminationReason, process.terminationStatus) {
            case (.exit, Self.findingStatus): "something does not hold (said above)"
            case (.exit, Watchdog.hangStatus): "this input takes too long"
            case (.exit, Watchdog.memoryStatus): "this input takes too much memory"
            case (.exit, let status): "the process ended with \(status)"
            case (_, let signal): "the process was ended by signal \(signal)"
            }
        guard let (input, count) = InputNote.read(note(job)) else { return say("\(target.rawValue): \(what), and no input is known") }
        let file = URL(fileURLWithPath: command.findings).appendingPathComponent("\(target.rawValue)-\(command.seed)-\(job)-\(count)")
        try? FileManager.default.createDirectory(atPath: command.findings, withIntermediateDirectories: true)
        try? Data(input).write(to: file)
        say("\(target.rawValue), input \(count): \(what)\n\(InputReport(input))\nSaved as \(file.path); again: fuzz \(target.rawValue) --input \(file.path)")
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
