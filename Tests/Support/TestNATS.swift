import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A private nats-server on loopback with a store of its own, which a test may stop, kill and start again.
public final class TestNATS: Sendable {
    /// What its configuration says beyond where it listens and keeps its streams.
    public struct Options: Sendable {
        /// Lines of nats-server's configuration.
        public var configuration = ""
        public var name = "test"
        public var jetStream = true
        public init(configuration: String = "", name: String = "test", jetStream: Bool = true) {
            self.configuration = configuration
            self.name = name
            self.jetStream = jetStream
        }
    }

    private struct Running {
        var process: Process?
        var guardInput: Pipe?
    }

    public let port: Int
    public let folder: URL
    public var url: String { "nats://127.0.0.1:\(port)" }
    private let running = Mutex(Running())

    /// Starts a server and returns once it listens.
    public static func start(_ options: Options = Options()) async throws -> TestNATS {
        let server = try TestNATS(options, port: freePort())
        try await server.start()
        return server
    }

    init(_ options: Options, port: Int) throws {
        self.port = port
        folder = FileManager.default.temporaryDirectory.appending(path: "nats-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let store = "jetstream { store_dir: \"\(folder.path)/store\", max_memory_store: 256MB, max_file_store: 4GB }"
        let text = """
            listen: "127.0.0.1:\(port)"
            server_name: "\(options.name)"
            \(options.jetStream ? store : "")
            \(options.configuration)
            """
        try text.write(to: folder.appending(path: "nats.conf"), atomically: true, encoding: .utf8)
    }

    deinit {
        end(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    public var log: String { (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "" }

    /// Starts the server again, with what its store holds.
    public func start() async throws {
        try launch()
        for _ in 0..<500 {
            if Self.listens(port) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestNATSError.didNotStart(log)
    }

    /// As a power switch does.
    public func kill() { end(SIGKILL) }

    /// As an operator does.
    public func stop() { end(SIGTERM) }

    /// Asks the server to send its clients elsewhere before it leaves.
    public func enterLameDuckMode() { signal(SIGUSR2) }

    /// Holds the server as if its machine hung, until ``resume()``.
    public func suspend() { signal(SIGSTOP) }
    public func resume() { signal(SIGCONT) }

    /// Loses every stream. Only while it is stopped.
    public func forgetStreams() throws { try FileManager.default.removeItem(at: folder.appending(path: "store")) }

    private func signal(_ number: Int32) {
        running.withLock { running in
            if let process = running.process { _ = Glibc.kill(process.processIdentifier, number) }
        }
    }

    private func end(_ number: Int32) {
        running.withLock { running in
            guard let process = running.process else { return }
            _ = Glibc.kill(process.processIdentifier, number)
            while process.isRunning { usleep(5_000) }
            running.process = nil
            try? running.guardInput?.fileHandleForWriting.close()
            running.guardInput = nil
        }
    }

    /// Runs the server, and beside it a guard that ends it should the tests die first.
    private func launch() throws {
        let configuration = folder.appending(path: "nats.conf").path, log = folder.appending(path: "log").path
        try running.withLock { running in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/sbin/nats-server")
            process.arguments = ["-c", configuration, "-l", log]
            try process.run()
            let watcher = Process(), input = Pipe()
            watcher.executableURL = URL(filePath: "/bin/sh")
            watcher.arguments = ["-c", "cat > /dev/null; kill -9 \"$0\" 2> /dev/null", "\(process.processIdentifier)"]
            watcher.standardInput = input
            watcher.standardError = FileHandle.nullDevice
            try watcher.run()
            running.process = process
            running.guardInput = input
        }
    }

    /// A port of loopback that nobody listens on just now.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard result == 0 else { throw TestNATSError.noPort }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func listens(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(UInt16(port))
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}

public enum TestNATSError: Error {
    case didNotStart(String)
    case noPort
    case noCertificate
}

/// Servers on loopback that form a cluster.
public struct TestNATSCluster: Sendable {
    public let servers: [TestNATS]

    public static func start(_ count: Int = 3) async throws -> TestNATSCluster {
        let ports = try (0..<count).map { _ in try TestNATS.freePort() }
        let routes = ports.map { "nats://127.0.0.1:\($0)" }.joined(separator: ", ")
        let servers = try ports.enumerated().map { index, port in
            let configuration = "cluster { name: test, listen: \"127.0.0.1:\(port)\", routes: [\(routes)] }"
            return try TestNATS(
                TestNATS.Options(configuration: configuration, name: "n\(index)"), port: TestNATS.freePort())
        }
        for server in servers { try await server.start() }
        return TestNATSCluster(servers: servers)
    }
}

/// A certificate for loopback and the authority that signed it, in files.
public struct TestCertificates: Sendable {
    public let folder: URL
    public var authority: String { folder.appending(path: "ca.pem").path }
    public var certificate: String { folder.appending(path: "cert.pem").path }
    public var key: String { folder.appending(path: "key.pem").path }

    /// Makes them by openssl, below `folder`.
    public init(in folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = """
            set -e; cd "$0"
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
              -keyout ca-key.pem -out ca.pem
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout key.pem -out cert.csr
            printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > ext
            openssl x509 -req -in cert.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile ext -out cert.pem
            """
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script, folder.path]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestNATSError.noCertificate }
    }
}
