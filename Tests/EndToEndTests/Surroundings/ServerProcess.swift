import Foundation
import Synchronization
import TestSupport

/// One of our servers, or one of those that they need, as a process which a test ends as it likes and starts again.
final class ServerProcess: Sendable {
    let name: String
    private let program: String
    private let arguments: [String]
    private let folder: Folder
    private let process = Mutex<Process?>(nil)

    /// - Parameter name: what its log in `folder` is called.
    init(_ name: String, program: String, _ arguments: [String], in folder: Folder) {
        self.name = name
        self.program = program
        self.arguments = arguments
        self.folder = folder
    }

    deinit { signal(SIGKILL) }

    func start() throws {
        let log = "\(folder.path)/\(name).log"
        if !FileManager.default.fileExists(atPath: log) { try folder.write("", to: "\(name).log") }
        let output = FileHandle(forWritingAtPath: log)
        try output?.seekToEnd()
        try process.withLock { process in
            let new = Process()
            new.executableURL = URL(fileURLWithPath: program)
            new.arguments = arguments
            new.environment = [:]
            new.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            new.standardInput = FileHandle.nullDevice
            new.standardOutput = output ?? FileHandle.nullDevice
            new.standardError = output ?? FileHandle.nullDevice
            try new.run()
            Survivors.shared.end(new.processIdentifier)
            process = new
        }
    }

    var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

    func signal(_ number: Int32) {
        process.withLock { process in
            if let process, process.isRunning { Foundation.kill(process.processIdentifier, number) }
        }
    }

    /// Ends it by a signal, and returns its exit status: by default at once, as a power switch does.
    @discardableResult
    func end(by number: Int32 = SIGKILL, within limit: Duration = .seconds(30)) async throws -> Int32 {
        signal(number)
        return try await exit(within: limit)
    }

    /// Waits for it to end, and returns its exit status.
    func exit(within limit: Duration = .seconds(30)) async throws -> Int32 {
        do {
            try await eventually("\(name) ends", within: limit) { !isRunning }
        } catch {
            signal(SIGKILL)
            throw error
        }
        return process.withLock { $0?.terminationStatus ?? -1 }
    }

    var log: String { folder.read("\(name).log") ?? "" }
}

/// Ends the processes that a test started, should the tests die before them.
private final class Survivors: Sendable {
    static let shared = Survivors()
    private let input = Pipe()

    private init() {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "trap '' INT TERM; while read pid; do all=\"$all $pid\"; done; kill -9 $all"]
        shell.standardInput = input
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try? shell.run()
    }

    func end(_ pid: Int32) { try? input.fileHandleForWriting.write(contentsOf: Data("\(pid)\n".utf8)) }
}

/// Looks again and again until something holds; fails when it does not in time.
func eventually(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(20),
    _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else { throw TestFailure("within \(limit) it did not happen that \(what)") }
        try await Task.sleep(for: pause)
    }
}
