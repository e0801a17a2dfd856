import Foundation
import Setup
import TestSupport
import Web

/// The eight components as processes, one or several of each, with a PostgreSQL, a NATS and an nginx of their own.
public final class Cluster: Sendable {
    public struct Options: Sendable {
        /// How many processes of each component.
        public var replicas: Int
        /// Whether each component may have one more now and then: ``spare(_:)``.
        public var hasSpares = false
        /// `global.database.max_open_conns`
        public var databaseConnections = 20
        /// Lines below `global.jetstream`.
        public var jetStream = ""
        /// Whether nginx can read its configuration again, which takes a process more.
        public var nginxReloads = false

        public init(replicas: Int) { self.replicas = replicas }
    }

    public static let token = "token-of-the-cluster"
    public let folder: Folder
    public let postgres: TestPostgres
    public let nats: TestNATS
    public let replicas: [ComponentName: [Replica]]
    /// Where clients come in.
    public let url: String
    /// The URI of its PostgreSQL database.
    public let database: String
    private let spares: [ComponentName: Replica]
    private let nginx: ServerProcess
    private let options: Options

    public convenience init(replicas: Int) async throws { try await self.init(Options(replicas: replicas)) }

    /// Prepares everything, and starts PostgreSQL and NATS alone.
    public init(_ options: Options) async throws {
        let folder = try Folder()
        self.folder = folder
        self.options = options
        chmod(folder.path, 0o755)
        postgres = TestPostgres()
        nats = try await TestNATS.start()
        replicas = Dictionary(
            uniqueKeysWithValues: try ComponentName.allCases.map { component in
                (component, try (0..<options.replicas).map { try Replica(component, $0, in: folder) })
            })
        spares = Dictionary(
            uniqueKeysWithValues: try ComponentName.allCases.filter { _ in options.hasSpares }.map { component in
                (component, try Replica(component, options.replicas, in: folder))
            })
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
        database = try await postgres.freshDatabase()
        try folder.write(configuration, to: "dendrite.yaml")
        try configureNginx()
    }

    public var all: [Replica] { ComponentName.allCases.flatMap { replicas[$0] ?? [] } }

    public func replica(_ component: ComponentName, _ number: Int = 0) throws -> Replica {
        guard let replica = (replicas[component] ?? []).dropFirst(number).first else {
            throw TestFailure("there is no \(component) \(number)")
        }
        return replica
    }

    /// One more process of a component, whose address the others know though it does not run yet.
    public func spare(_ component: ComponentName) throws -> Replica {
        guard let replica = spares[component] else { throw TestFailure("there is no spare \(component)") }
        return replica
    }

    /// The public address of one replica.
    public func url(_ component: ComponentName, _ number: Int = 0) throws -> String {
        guard let url = try replica(component, number).externalURL else { throw TestFailure("\(component) is not public") }
        return url
    }

    /// Wherever `/sync` is answered.
    public var readers: [String] { [url] + (replicas[.syncapi] ?? []).compactMap(\.externalURL) }

    /// Starts what does not run, and returns when all are ready.
    public func start() async throws {
        for replica in all where !replica.process.isRunning { try replica.process.start() }
        if !nginx.isRunning { try nginx.start() }
        do { for replica in all { try await replica.awaitReady() } } catch {
            throw TestFailure("\(error)\n\(logs)")
        }
    }

    public func stop() async throws {
        for process in (all + spares.values).map(\.process) { try await process.end() }
        try await nginx.end(by: options.nginxReloads ? SIGTERM : SIGKILL)
        nats.kill()
        try await postgres.kill()
    }

    /// The end of each process's log.
    public var logs: String {
        all.map { replica in
            let lines = replica.process.log.split(separator: "\n").suffix(8).joined(separator: "\n")
            return "--- \(replica.process.name)\(replica.process.isRunning ? "" : " (ended)")\n\(lines)"
        }.joined(separator: "\n")
    }

    private var configuration: String {
        let sections = ComponentName.allCases.map { component in
            let replicas = replicas[component] ?? []
            let known = replicas + (spares[component].map { [$0] } ?? [])
            var lines = ["\(component.section):", "  internal_api:"]
            lines.append("    listen: \(replicas.first?.internalURL ?? "")")
            lines.append("    connect: [\(known.map { "\"\($0.internalURL)\"" }.joined(separator: ", "))]")
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
              database: { connection_string: "\(database)", max_open_conns: \(options.databaseConnections) }
              jetstream:
                addresses: ["\(nats.url)"]
                \(options.jetStream.replacing("\n", with: "\n    "))
              internal_api_token: \(Self.token)
            \(sections.joined(separator: "\n"))
            """
    }

    /// Lets nginx know these spares too, and no others.
    public func reloadNginx(with spares: [Replica] = []) throws {
        try configureNginx(with: spares)
        nginx.signal(SIGHUP)
    }

    /// What `make cluster` runs, on loopback alone.
    private func configureNginx(with spares: [Replica] = []) throws {
        var text = try String(contentsOfFile: "\(repository)/deploy/local/nginx.conf.in", encoding: .utf8)
        for (name, value) in [
            ("DATA", folder.path), ("REPOSITORY", repository), ("PORT", String(url.dropFirst("http://".count))),
            ("USER", NSUserName()),
        ] {
            text = text.replacing("@\(name)@", with: value)
        }
        // One process, so that it is gone when it is killed.
        if !options.nginxReloads { text = text.replacing("worker_processes 1;", with: "master_process off;") }
        for (component, replicas) in replicas {
            let addresses = (replicas + spares.filter { $0.component == component }).compactMap(\.externalURL)
            let servers = addresses.map { "server \($0.dropFirst("http://".count)) fail_timeout=1s;" }
            text = text.replacing("@\(component)_SERVERS@", with: servers.joined(separator: " "))
        }
        try folder.write(text, to: "nginx.conf")
    }
}
