import Foundation
import Setup
import TestSupport
import Testing
import Web

/// The eight components as processes, one or several of each, with a PostgreSQL, a NATS and an nginx of their own.
final class Cluster: Sendable {
    /// One process of a component.
    final class Replica: Sendable {
        let component: ComponentName
        let process: ServerProcess
        let internalURL: String
        /// Of what has a public listener.
        let externalURL: String?

        init(_ component: ComponentName, _ number: Int, in folder: Folder) throws {
            let internalURL = "http://127.0.0.1:\(try Ports.free())"
            let isPublic = [.clientapi, .syncapi, .federationapi, .mediaapi].contains(component)
            let externalURL = isPublic ? "http://127.0.0.1:\(try Ports.free())" : nil
            self.component = component
            self.internalURL = internalURL
            self.externalURL = externalURL
            process = ServerProcess(
                "\(component)-\(number)", program: try Command.path("dendrite-polylith-multi"),
                ["--config=dendrite.yaml", "--internal-listen=\(internalURL)"]
                    + (externalURL.map { ["--external-listen=\($0)"] } ?? []) + [component.rawValue],
                in: folder)
        }

        /// What its internal listener says of its health; nil while there is none.
        var health: Int? {
            get async {
                let client = Client(url: internalURL)
                return try? await client.ask(.get, "/health", timeout: .seconds(5)).status
            }
        }

        func awaitReady(within limit: Duration = .seconds(60)) async throws {
            try await eventually("\(process.name) is ready", within: limit) { await health == 200 }
            guard let externalURL else { return }
            try await eventually("\(process.name) serves the public", within: limit) {
                (try? await Client(url: externalURL).ask(.get, "/health", timeout: .seconds(5)).status) == 200
            }
        }

        /// When it last took a lease, as its log has it.
        var lastLease: String {
            String(process.log.split(separator: "\n").last { $0.contains("lease taken") }?.prefix { $0 != " " } ?? "")
        }

        /// Ends it at once, and starts it again.
        func killAndRestart() async throws {
            try await process.end()
            try process.start()
        }
    }

    static let token = "token-of-the-cluster"
    let folder: Folder
    let postgres: TestPostgres
    let nats: TestNATS
    let replicas: [ComponentName: [Replica]]
    private let nginx: ServerProcess
    /// Where clients come in.
    let url: String

    /// Prepares everything, and starts PostgreSQL and NATS alone.
    init(replicas count: Int) async throws {
        let folder = try Folder()
        self.folder = folder
        chmod(folder.path, 0o755)
        postgres = TestPostgres()
        nats = try await TestNATS.start()
        let pairs = try ComponentName.allCases.map { component in
            (component, try (0..<count).map { try Replica(component, $0, in: folder) })
        }
        replicas = Dictionary(uniqueKeysWithValues: pairs)
        let port = try Ports.free()
        url = "http://127.0.0.1:\(port)"
        nginx = ServerProcess(
            "nginx", program: "/usr/sbin/nginx",
            ["-p", folder.path, "-e", "\(folder.path)/logs/nginx.log", "-c", "\(folder.path)/nginx.conf"], in: folder)
        for name in ["nginx", "logs"] {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        let keys = try await Command.run("generate-keys", ["--private-key", "matrix_key.pem"], in: folder)
        guard keys.status == 0 else { throw TestFailure(keys.errors) }
        try folder.write(configuration(database: await postgres.freshDatabase()), to: "dendrite.yaml")
        try folder.write(nginxConfiguration(port: port), to: "nginx.conf")
    }

    var all: [Replica] { ComponentName.allCases.flatMap { replicas[$0] ?? [] } }
    func replica(_ component: ComponentName, _ number: Int = 0) throws -> Replica {
        try #require((replicas[component] ?? []).dropFirst(number).first)
    }
    /// The public address of one replica.
    func url(_ component: ComponentName, _ number: Int = 0) throws -> String {
        try #require(try replica(component, number).externalURL)
    }
    /// Wherever `/sync` is answered.
    var readers: [String] { [url] + (replicas[.syncapi] ?? []).compactMap(\.externalURL) }

    /// Starts what does not run, and returns when all are ready.
    func start() async throws {
        for replica in all where !replica.process.isRunning { try replica.process.start() }
        if !nginx.isRunning { try nginx.start() }
        do { for replica in all { try await replica.awaitReady() } } catch {
            throw TestFailure("\(error)\n\(logs)")
        }
    }

    func stop() async throws {
        for process in all.map(\.process) + [nginx] { try await process.end() }
        nats.kill()
        try await postgres.kill()
    }

    /// The end of each process's log.
    var logs: String {
        all.map { replica in
            let lines = replica.process.log.split(separator: "\n").suffix(8).joined(separator: "\n")
            return "--- \(replica.process.name)\(replica.process.isRunning ? "" : " (ended)")\n\(lines)"
        }.joined(separator: "\n")
    }

    private func configuration(database: String) -> String {
        let sections = ComponentName.allCases.map { component in
            let replicas = replicas[component] ?? []
            var lines = ["\(component.section):", "  internal_api:"]
            lines.append("    listen: \(replicas.first?.internalURL ?? "")")
            lines.append("    connect: [\(replicas.map { "\"\($0.internalURL)\"" }.joined(separator: ", "))]")
            if let url = replicas.first?.externalURL { lines += ["  external_api:", "    listen: \(url)"] }
            switch component {
            case .clientapi: lines += ["  registration_disabled: false", "  rate_limiting: { enabled: false }"]
            case .mediaapi: lines += ["  base_path: \(folder.path)/media"]
            case .userapi: lines += ["  bcrypt_cost: 4"]
            default: break
            }
            return lines.joined(separator: "\n")
        }
        return """
            version: 2
            global:
              server_name: localhost
              private_key: \(folder.path)/matrix_key.pem
              database: { connection_string: "\(database)", max_open_conns: 20 }
              jetstream: { addresses: ["\(nats.url)"] }
              internal_api_token: \(Self.token)
            \(sections.joined(separator: "\n"))
            """
    }

    /// What `make cluster` runs, on loopback alone.
    private func nginxConfiguration(port: Int) throws -> String {
        var text = try String(contentsOfFile: "\(repository)/deploy/local/nginx.conf.in", encoding: .utf8)
        for (name, value) in [
            ("DATA", folder.path), ("REPOSITORY", repository), ("PORT", "127.0.0.1:\(port)"), ("USER", NSUserName()),
        ] {
            text = text.replacing("@\(name)@", with: value)
        }
        // One process, so that it is gone when it is killed.
        text = text.replacing("worker_processes 1;", with: "master_process off;")
        for (component, replicas) in replicas {
            let servers = replicas.compactMap(\.externalURL).map { "server \($0.dropFirst("http://".count));" }
            text = text.replacing("@\(component)_SERVERS@", with: servers.joined(separator: " "))
        }
        return text
    }
}
