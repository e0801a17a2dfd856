import Foundation
import Matrix
import Setup
import Surroundings
import TestSupport
import Web

/// All eight components in one process, on databases, a disk or a clock that a test makes fail.
final class StrainedMonolith: Sendable {
    let folder: Folder
    let process: ServerProcess
    let url: String

    /// - Parameters:
    ///   - database: of PostgreSQL; nil: SQLite files below `data`.
    ///   - data: where files are, media among them; nil: with the configuration.
    ///   - nats: nil: the built-in bus.
    ///   - wrapper: what runs the server, and its arguments.
    init(
        database: String? = nil, data: String? = nil, nats: String? = nil, maxOpenConnections: Int = 10,
        wrapper: [String] = []
    ) async throws {
        folder = try Folder()
        let data = data ?? folder.path
        let keys = try await Command.run("generate-keys", ["--private-key", "matrix_key.pem"], in: folder)
        guard keys.status == 0 else { throw TestFailure(keys.errors) }
        let sections = ComponentName.allCases.compactMap { component -> String? in
            guard component != .clientapi else { return nil }
            var keys = component == .userapi ? ["bcrypt_cost: 4"] : component == .mediaapi ? ["base_path: \(data)/media"] : []
            if database == nil {
                let key = component == .userapi ? "account_database" : "database"
                keys.append("\(key): { connection_string: \"file:\(data)/\(component).db\" }")
            }
            return keys.isEmpty ? nil : "\(component.section): { \(keys.joined(separator: ", ")) }"
        }
        let shared = database.map { "  database: { connection_string: \"\($0)\", max_open_conns: \(maxOpenConnections) }" }
        try folder.write(
            """
            version: 2
            global:
              server_name: localhost
              jetstream: { \(nats.map { "addresses: [\"\($0)\"]" } ?? "storage_path: \(data)/bus") }
              metrics: { enabled: true }
            \(shared ?? "")
            client_api: { registration_disabled: false, rate_limiting: { enabled: false } }
            \(sections.joined(separator: "\n"))
            logging: [{ type: std, level: info }]
            """, to: "dendrite.yaml")
        let port = try Ports.free()
        url = "http://127.0.0.1:\(port)"
        let command = [
            try Command.path("dendrite-monolith-server"), "--config=dendrite.yaml", "--http-bind-address=127.0.0.1:\(port)",
        ]
        let all = wrapper + command
        process = ServerProcess("monolith", program: all[0], Array(all.dropFirst()), in: folder)
    }

    func start() async throws {
        try process.start()
        let client = Client(url: url)
        do {
            try await eventually("the monolith answers", within: .seconds(60)) {
                guard process.isRunning else { throw TestFailure("it ended") }
                return (try? await client.ask(.get, "/health", timeout: .seconds(5)).status) == 200
            }
        } catch {
            throw TestFailure("\(error)\n\(process.log.suffix(2_000))")
        }
    }

    /// What `/metrics` says of the process.
    func metric(_ name: String) async throws -> Double {
        let reply = try await HTTPClient().request(.get, url + "/metrics", maxResponseBytes: 8 << 20)
        let line = String(decoding: reply.body, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else { throw TestFailure("no \(name)") }
        return value
    }

    /// The lines of the log, of a level or with a text.
    func lines(_ text: String) -> [Substring] { process.log.split(separator: "\n").filter { $0.contains(text) } }
    var complaints: Int { lines("level=warn").count + lines("level=error").count }
}
