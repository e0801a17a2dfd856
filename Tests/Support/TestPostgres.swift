import Foundation
import Logging
import SQL

/// A private PostgreSQL from Debian's package, on a socket in a folder: started when first asked for, stopped when the
/// test process ends, however it ends.
public final class TestPostgres: Sendable {
    /// The one that all tests of this process share.
    public static let shared = TestPostgres()

    private let folder: String

    /// Another one than the shared, for tests that stop and start it.
    public init() {
        folder = TestFolder.fresh()
        start()
    }

    /// The URI of a database of this server.
    public func uri(_ database: String = "postgres") -> String {
        "postgresql://postgres@/\(database)?host=\(folder)"
    }

    /// Makes an empty database and returns its URI.
    public static func freshDatabase() async throws -> String { try await shared.freshDatabase() }

    public func freshDatabase() async throws -> String {
        let name = "t" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        // Waits for the server.
        let database = try await Database.open(uri(), options: DatabaseOptions(name: "tests", maxOpenConnections: 1))
        await database.close()
        try await Shell.run("createdb", ["--maintenance-db=\(uri())", name])
        return uri(name)
    }

    /// Does what only an administrator may.
    public func administer(_ sql: String) async throws {
        try await Shell.run("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, uri()])
    }

    /// Starts the server, which takes a moment; whoever connects meanwhile waits.
    public func start() {
        // initdb and postgres refuse to run as root.
        let user = getuid() == 0 ? "runuser -u postgres -- " : ""
        TestShell.start("""
            trap '' INT TERM
            bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
            if [ ! -d \(folder) ]; then
                mkdir \(folder)
                [ $(id -u) = 0 ] && chown postgres \(folder)
                \(user) $bin/initdb -D \(folder)/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >\(folder).log 2>&1
            fi
            \(user) $bin/postgres -D \(folder)/data -k \(folder) -c listen_addresses= -c max_connections=500 \
                -c fsync=off -c full_page_writes=off -c shared_buffers=64MB >>\(folder).log 2>&1 &
            server=$!
            while kill -0 \(getpid()) 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.2; done
            # Of a server that was killed, the file may be its successor's by now.
            kill -0 $server 2>/dev/null && kill -QUIT $(head -n 1 \(folder)/data/postmaster.pid)
            """)
    }

    /// Stops the server at once, as a crash does, and returns when it is gone: by SIGQUIT it leaves its clients a word, by
    /// SIGKILL all its processes end as when the machine does.
    public func kill(by signal: Int32 = SIGQUIT) async throws {
        let pidFile = "\(folder)/data/postmaster.pid"
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let pid = text.split(separator: "\n").first.flatMap({ pid_t($0) })
        else { return }
        let children = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
        Foundation.kill(pid, signal)
        let all = [pid] + (signal == SIGKILL ? children.split(separator: " ").compactMap { pid_t($0) } : [])
        for child in all.dropFirst() { Foundation.kill(child, signal) }
        for one in all { while Foundation.kill(one, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) } }
        try? FileManager.default.removeItem(atPath: pidFile)
    }

    public var log: String { (try? String(contentsOfFile: "\(folder).log", encoding: .utf8)) ?? "" }
}

/// Makes databases: `CREATE DATABASE` cannot run inside a transaction, which is all that ``Database`` offers.
/// The tests' own surroundings failed.
public struct TestFailure: Error, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
