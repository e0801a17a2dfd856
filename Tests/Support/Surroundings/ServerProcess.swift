import Foundation
import Synchronization
import TestSupport

/// One of our servers, or one of those that they need, as a process which a test ends as it likes and starts again.
public final class ServerProcess: Sendable {
    public let name: String
    private let arguments: [String]
    private let folder: Folder
    private let state: Mutex<State>

    private struct State {
        var program: String
        var process: Process?
        /// The processes that were told to end. That one has ended is heard late, when the next may run already.
        var told: Set<Int32> = []
        var ownEnds: [Int32] = []
    }

    /// - Parameter name: what its log in `folder` is called.
    public init(_ name: String, program: String, _ arguments: [String], in folder: Folder) {
        self.name = name
        state = Mutex(State(program: program))
        self.arguments = arguments
        self.folder = folder
    }

    /// From its next start on it is another program: another release of its own.
    public func becomes(_ program: String) { state.withLock { $0.program = program } }

    deinit { signal(SIGKILL) }

    public func start() throws {
        let log = "\(folder.path)/\(name).log"
        if !FileManager.default.fileExists(atPath: log) { try folder.write("", to: "\(name).log") }
        let output = FileHandle(forWritingAtPath: log)
        try output?.seekToEnd()
        try state.withLock { state in
            let new = Process()
            new.executableURL = URL(fileURLWithPath: state.program)
            new.arguments = arguments
            new.environment = sanitizerEnvironment
            new.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            new.standardInput = FileHandle.nullDevice
            new.standardOutput = output ?? FileHandle.nullDevice
            new.standardError = output ?? FileHandle.nullDevice
            new.terminationHandler = { [weak self] in self?.ended($0.processIdentifier, $0.terminationStatus) }
            try new.run()
            Survivors.shared.end(new.processIdentifier)
            state.process = new
        }
    }

    public var isRunning: Bool { state.withLock { $0.process?.isRunning ?? false } }

    /// The exit statuses, or signals, with which it ended though nobody had told it to.
    public var ownEnds: [Int32] { state.withLock { $0.ownEnds } }

    private func ended(_ pid: Int32, _ status: Int32) {
        state.withLock { if $0.told.remove(pid) == nil { $0.ownEnds.append(status) } }
    }

    public func signal(_ number: Int32) {
        state.withLock { state in
            guard let process = state.process, process.isRunning else { return }
            if [SIGKILL, SIGTERM, SIGINT, SIGQUIT].contains(number) { state.told.insert(process.processIdentifier) }
            Foundation.kill(process.processIdentifier, number)
        }
    }

    /// Ends it by a signal, and returns its exit status: by default at once, as a power switch does.
    @discardableResult
    public func end(by number: Int32 = SIGKILL, within limit: Duration = .seconds(30)) async throws -> Int32 {
        signal(number)
        return try await exit(within: limit)
    }

    /// Waits for it to end, and returns its exit status.
    public func exit(within limit: Duration = .seconds(30)) async throws -> Int32 {
        do {
            try await eventually("\(name) ends", within: limit) { !isRunning }
        } catch {
            signal(SIGKILL)
            throw error
        }
        return state.withLock { $0.process?.terminationStatus ?? -1 }
    }

    public var log: String { folder.read("\(name).log") ?? "" }
}

/// Ends the processes that a test started, should the tests die before them.
private final class Survivors: Sendable {
    static let shared = Survivors()
    private let input = Pipe()

    private init() {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        // nginx takes its workers with it only if it is asked to leave.
        let script = "trap '' INT TERM; while read pid; do all=\"$all $pid\"; done; kill -CONT $all; kill $all; sleep 1; kill -9 $all"
        shell.arguments = ["-c", script]
        shell.standardInput = input
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try? shell.run()
    }

    func end(_ pid: Int32) { try? input.fileHandleForWriting.write(contentsOf: Data("\(pid)\n".utf8)) }
}

/// Looks again and again until something holds; fails when it does not in time.
public func eventually(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(20),
    _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else { throw TestFailure("within \(limit) it did not happen that \(what)") }
        try await Task.sleep(for: pause)
    }
}
