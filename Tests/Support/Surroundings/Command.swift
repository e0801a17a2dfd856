import Foundation
import TestSupport

/// One of our commands, run as an operator runs it: as a process, with an empty environment.
public final class Command: Sendable {
    public struct Result: Sendable {
        public var status: Int32
        public var output: String
        public var errors: String
    }

    private let name: String
    private let folder: Folder
    private let process = Process()

    public init(_ name: String, _ arguments: [String], in folder: Folder) throws {
        self.name = name
        self.folder = folder
        process.executableURL = URL(fileURLWithPath: try Self.path(name))
        process.arguments = arguments
        process.environment = sanitizerEnvironment
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: try folder.write("", to: "\(name).output"))
        process.standardError = FileHandle(forWritingAtPath: try folder.write("", to: "\(name).errors"))
        try process.run()
    }

    /// In `DENDRITE_BIN`, or beside the program that runs.
    public static func path(_ name: String) throws -> String {
        let program = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "."
        let folders = [ProcessInfo.processInfo.environment["DENDRITE_BIN"], program, "\(repository)/.build/debug"]
        guard let folder = folders.compactMap(\.self).first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") })
        else { throw TestFailure("\(name) is not built") }
        return "\(folder)/\(name)"
    }

    public var isRunning: Bool { process.isRunning }

    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the end, at most for so long.
    public func result(within limit: Duration = .seconds(30)) async throws -> Result {
        let deadline = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        let errors = folder.read("\(name).errors") ?? ""
        guard !process.isRunning else {
            signal(SIGKILL)
            throw StillRunning(command: name, errors: errors)
        }
        return Result(status: process.terminationStatus, output: folder.read("\(name).output") ?? "", errors: errors)
    }

    public struct StillRunning: Error {
        public var command: String
        public var errors: String
    }

    public static func run(
        _ name: String, _ arguments: [String], in folder: Folder, within limit: Duration = .seconds(30)
    ) async throws -> Result {
        try await Command(name, arguments, in: folder).result(within: limit)
    }
}
