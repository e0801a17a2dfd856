import Foundation
import TestSupport
import Testing

/// One of our commands, run as an operator runs it: as a process, with an empty environment.
final class Command: Sendable {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    private let name: String
    private let folder: Folder
    private let process = Process()

    init(_ name: String, _ arguments: [String], in folder: Folder) throws {
        self.name = name
        self.folder = folder
        process.executableURL = URL(fileURLWithPath: try Self.path(name))
        process.arguments = arguments
        process.environment = [:]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: try folder.write("", to: "\(name).output"))
        process.standardError = FileHandle(forWritingAtPath: try folder.write("", to: "\(name).errors"))
        try process.run()
    }

    /// Beside the tests' own program.
    static func path(_ name: String) throws -> String {
        let program = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "."
        return try #require(
            ["\(program)/\(name)", "\(repository)/.build/debug/\(name)"].first(where: FileManager.default.isExecutableFile),
            "\(name) is not built")
    }

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the end, at most for half a minute.
    func result() async throws -> Result {
        for _ in 0..<3_000 where process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        let errors = folder.read("\(name).errors") ?? ""
        guard !process.isRunning else {
            signal(SIGKILL)
            throw StillRunning(command: name, errors: errors)
        }
        return Result(status: process.terminationStatus, output: folder.read("\(name).output") ?? "", errors: errors)
    }

    struct StillRunning: Error {
        var command: String
        var errors: String
    }

    static func run(_ name: String, _ arguments: [String], in folder: Folder) async throws -> Result {
        try await Command(name, arguments, in: folder).result()
    }
}
