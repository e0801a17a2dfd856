import Foundation

/// A folder of this test process, gone when the process is, however it ends.
public enum TestFolder {
    /// The folder itself, short enough for sockets inside it.
    public static let path: String = {
        let path = "/tmp/dt-\(getpid())"
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, 0o755)
        // A watchdog rather than atexit: a killed runner leaves nothing either.
        TestShell.start("trap '' INT TERM; while kill -0 \(getpid()) 2>/dev/null; do sleep 0.5; done; sleep 1; rm -rf \(path)")
        return path
    }()

    /// A path in it that nothing else has.
    public static func fresh(_ suffix: String = "") -> String {
        "\(path)/\(UUID().uuidString.prefix(12).lowercased())\(suffix)"
    }
}

/// Shell scripts that run beside the tests.
enum TestShell {
    static func start(_ script: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try? process.run()
    }
}
